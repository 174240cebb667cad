"""The order of an enablement by a provider's API, as a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from tests.unit.support.programs import aks, baseline, gke, kapsule, recorded
from tests.unit.support.world import kubeconfig

ENABLEMENTS = pytest.mark.parametrize("make", [gke, aks, kapsule])
NAMES = ("enforce-preflight", "enforce-found", "enforce-switch")
Make = Callable[..., Any]


@ENABLEMENTS
@pytest.mark.parametrize("preview", [False, True])
def test_each_waits_for_all_before_it(make: Make, preview: bool) -> None:  # noqa: FBT001 - a table
    """Preflight for the whole baseline, what was found for preflight, the switch for everything."""
    graph = recorded(make, preview=preview)
    first, *later = (graph.named(name) for name in NAMES)
    earlier = graph.below(graph.named("baseline"))
    assert len(earlier) == 11
    assert {found.urn for found in earlier} <= first.dependencies
    for registration in later:
        earlier.append(first)
        assert {found.urn for found in earlier} <= registration.dependencies
        first = registration


@ENABLEMENTS
def test_the_switch_gets_what_was_found(make: Make) -> None:
    """Also in the preview of a first update, where that is not known yet."""
    graph = recorded(make, preview=True)
    found = frozenset({graph.named("enforce-found").urn})
    assert graph.named("enforce-switch").property_dependencies["was_on"] == found


@ENABLEMENTS
def test_both_get_the_cluster_and_no_credentials(make: Make) -> None:
    """What leads to the cluster is the same in both; the kubeconfig's contents are secret in both."""
    graph = recorded(lambda: make(baseline=baseline(kubeconfig=kubeconfig("https://127.0.0.1:6443"))))
    found, switch = graph.named("enforce-found"), graph.named("enforce-switch")
    same = set(found.inputs) - {"__provider"}
    assert same < set(switch.inputs)
    assert all(found.inputs[name] == switch.inputs[name] for name in same)
    assert found.secrets == switch.secrets == {"kubeconfig"}
    assert found.inputs["timeout_seconds"] == 1800


@ENABLEMENTS
def test_a_cluster_may_be_an_output(make: Make) -> None:
    """Of a resource of the same program, whose name is not known yet."""

    class Named(pulumi.CustomResource):
        pass

    def program() -> None:
        made = Named("random:index/randomPet:RandomPet", "pet")
        make(cluster=made.id)

    graph = recorded(program, preview=True)
    assert graph.named("pet").urn in graph.named("enforce-found").dependencies
    assert isinstance(graph.named("enforce-found").inputs["cluster"], pulumi.output.Unknown)

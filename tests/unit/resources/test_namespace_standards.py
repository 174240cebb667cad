"""Pod Security labels as a resource, as far as no server is needed; the rest is among the integration tests."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN

import pulumi_pod_security as ps
from pulumi_pod_security.resources.namespace_standards import NamespaceStandardsProvider
from pulumi_pod_security.testing import Registration
from tests.unit.support.programs import recorded

NOWHERE = {"kubeconfig": "/none/kubeconfig", "context": None, "namespaces": ["shop"], "take_over": []}
PROPS: dict[str, Any] = {**NOWHERE, "enforce": "baseline", "audit": None, "warn": None, "manager": "m"}


@pytest.mark.parametrize(
    "changed",
    [{"kubeconfig": UNKNOWN}, {"namespaces": ["shop", UNKNOWN]}, {"enforce": "restricted"}, {"take_over": ["helm"]}],
    ids=str,
)
def test_a_changed_input_is_a_change(changed: dict[str, Any]) -> None:
    """No server is asked, which may not be there yet."""
    assert NamespaceStandardsProvider().diff("m", PROPS, {**PROPS, **changed}).changes


def test_what_is_not_known_yet_is_not_judged() -> None:
    """As in the preview of a cluster that the same program makes."""
    checked = NamespaceStandardsProvider().check({}, {**PROPS, "kubeconfig": UNKNOWN})
    assert not checked.failures


def test_a_cluster_that_is_not_there_is_one_failure() -> None:
    """In words."""
    (failure,) = NamespaceStandardsProvider().check({}, PROPS).failures
    assert failure.reason.startswith("kubeconfig /none/kubeconfig: cannot be used: there is no such file")


@pytest.mark.parametrize("kubeconfig", ["apiVersion: v1\nusers: []", pulumi.Output.from_input("~/.kube/config")])
def test_a_kubeconfig_by_its_contents_is_a_secret(kubeconfig: Any) -> None:
    """As every other resource keeps it."""
    assert "kubeconfig" in made(kubeconfig=kubeconfig).secrets


def test_a_manager_has_a_name_of_its_own() -> None:
    """Of a length that servers take."""
    assert made().inputs["manager"] == "pulumi-pod-security:project/stack/levels"
    long, other = (made("a" * 200 + end).inputs["manager"] for end in "xy")
    assert len(long) == len(other) == 128
    assert long != other


def made(name: str = "levels", **args: Any) -> Registration:
    """The resource as a program registers it."""
    given = ps.NamespaceStandardsArgs(namespaces=["shop"], enforce="baseline", **args)
    graph = recorded(lambda: ps.NamespaceStandards(name, given))
    (registration,) = graph.of_type("pulumi-python:dynamic/pod-security:NamespaceStandards")
    return registration

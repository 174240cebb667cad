"""`EksEnablement` and `MkeEnablement`: what is made, in which order, and what no output shows."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.errors import InvalidBaseline
from pulumi_pod_security.platforms import eks as eks_platform
from pulumi_pod_security.testing import RecordingMonitor, Registration
from tests.unit.support.programs import baseline, eks, mke, recorded
from tests.unit.support.world import kubeconfig


@pytest.fixture(params=[eks, mke], ids=["eks", "mke"])
def graph(request: pytest.FixtureRequest) -> RecordingMonitor:
    """Enforcement, as a preview."""
    return recorded(request.param, preview=True)


def stages(graph: RecordingMonitor) -> list[list[Registration]]:
    """Everything that is made, in the order in which it must be made."""
    bindings = [*graph.of_type("RoleBinding"), *graph.of_type("ClusterRoleBinding")]
    names = (
        "Server",
        "PodSecurityPolicy",
        "ClusterRole",
        None,
        "Guard",
        "Preflight",
        "DefaultsSaved",
        "DefaultsRemoved",
    )
    return [bindings if name is None else graph.of_type(name) for name in names]


def test_every_stage_waits_for_all_before_it(graph: RecordingMonitor) -> None:
    """The defaults go last, and by the same order come back first."""
    earlier: list[Registration] = []
    for stage in stages(graph):
        assert stage
        for registration in stage:
            assert {found.urn for found in earlier} <= registration.dependencies, registration.name
        earlier += stage
    assert len(earlier) == len([found for found in graph.registrations.values() if found.custom])


def test_what_was_saved_is_an_input_of_the_removal(graph: RecordingMonitor) -> None:
    """So that undo and destroy have it."""
    saved = frozenset({graph.named("enforce-saved").urn})
    waits = graph.named("enforce-removed").property_dependencies
    assert (waits["saved"], waits["refused_before"]) == (saved, saved)


def test_what_was_saved_is_secret(graph: RecordingMonitor) -> None:
    """Annotations may hold anything."""
    assert graph.named("enforce-saved").secret_outputs == {"saved"}


def test_preflight_judges_as_if_they_were_gone() -> None:
    """All three, and the same three are saved and removed."""
    graph = recorded(eks)
    assert graph.named("enforce-preflight").inputs["leaving"] == list(eks_platform.PLATFORM.defaults)
    for name in ("enforce-saved", "enforce-removed"):
        assert graph.named(name).inputs["defaults"] == list(eks_platform.PLATFORM.defaults)


def test_the_kubeconfigs_contents_are_secret() -> None:
    """In both acts."""
    graph = recorded(lambda: eks(baseline=baseline(kubeconfig=kubeconfig("https://127.0.0.1:6443"))))
    assert all("kubeconfig" in graph.named(name).secrets for name in ("enforce-saved", "enforce-removed"))


def test_how_long_to_wait_is_passed_on() -> None:
    """To the removal, and to what is deleted last."""
    graph = recorded(lambda: eks(timeout_seconds=42))
    assert [graph.named(name).inputs["timeout_seconds"] for name in ("enforce-saved", "enforce-removed")] == [42, 42]


def test_a_baseline_with_a_name_of_the_providers_is_refused() -> None:
    """Before anything of the enablement is registered."""
    made: list[Any] = []

    def program() -> None:
        with pytest.raises(InvalidBaseline, match="pod security baseline on Mirantis Kubernetes Engine: 1 fault"):
            mke(baseline=baseline())
        made.append(True)

    graph = recorded(program)
    assert made
    assert not graph.of_type("pod-security:index:MkeEnablement")


def test_outputs() -> None:
    """Enforced and verified, with nothing to run by hand."""
    seen: list[Any] = []

    def program() -> pulumi.Output[Any]:
        made: ps.EksEnablement = eks()
        return pulumi.Output.all(made.enforced, made.command).apply(seen.append)

    recorded(program)
    assert len(seen) == 1

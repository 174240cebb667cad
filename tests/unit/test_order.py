"""Order as a graph: what must come first does, and nothing hangs on what comes later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.testing import RecordingMonitor, Registration
from tests.unit.support.programs import COMPONENTS, baseline, enablement, recorded

NODE = ps.KubeadmNode(manifests="/etc/kubernetes/manifests")


def with_node() -> ps.KubeadmEnablement:
    """Enforcement on the node the program runs on."""
    return enablement(node=NODE)


def of_empty_baseline() -> ps.KubeadmEnablement:
    """Enforcement without a single policy or grant."""
    return enablement(baseline=baseline(policies=[], grants=[], admins=[]))


@pytest.fixture(params=[False, True], ids=["update", "preview"])
def graph(request: pytest.FixtureRequest) -> RecordingMonitor:
    """Enforcement of a usual baseline, as an update and as a first preview."""
    return recorded(enablement, preview=request.param)


def stages(graph: RecordingMonitor) -> list[list[Registration]]:
    """Everything that is made, in the order in which it must be made."""
    bindings = [*graph.of_type("RoleBinding"), *graph.of_type("ClusterRoleBinding")]
    names = ("Server", "PodSecurityPolicy", "ClusterRole", None, "Guard", "Preflight", "KubeadmFound", "KubeadmSwitch")
    return [bindings if name is None else graph.of_type(name) for name in names]


def test_the_stages_are_all_there_is(graph: RecordingMonitor) -> None:
    """Every custom resource belongs to one stage, so no order goes unproven."""
    made = [registration for registration in graph.registrations.values() if registration.custom]
    assert [len(stage) for stage in stages(graph)] == [1, 2, 3, 4, 1, 1, 1, 1]
    assert sum(map(len, stages(graph))) == len(made)


def test_every_stage_waits_for_all_before_it(graph: RecordingMonitor) -> None:
    """Each resource depends on each of every earlier stage by itself, not by luck of what another waits for."""
    earlier: list[Registration] = []
    for stage in stages(graph):
        for registration in stage:
            assert {found.urn for found in earlier} <= registration.dependencies, registration.name
        earlier += stage


def test_nothing_waits_for_what_comes_later(graph: RecordingMonitor) -> None:
    """No way leads back: what the switch needs does not hang on the switch, nor any stage on a later one."""
    later = [registration for stage in stages(graph) for registration in stage]
    while later:
        first = later.pop(0)
        for registration in later:
            assert not graph.reaches(first, registration), f"{first.name} waits for {registration.name}"


def test_the_switch_reaches_every_policy_role_and_binding(graph: RecordingMonitor) -> None:
    """The promise in one line: first everything that admits pods, then the plugin that asks for it."""
    *needed, (switch,) = stages(graph)
    assert all(graph.reaches(switch, registration) for stage in needed for registration in stage)


def test_the_switch_waits_for_what_was_found() -> None:
    """What stood there before is an input of the switch, so undo and destroy have it."""
    graph = recorded(with_node, preview=True)
    found = frozenset({graph.named("enforce-found").urn})
    switch = graph.named("enforce-switch")
    assert [switch.property_dependencies[name] for name in ("found_config", "found_manifest")] == [found, found]


def test_preflight_waits_for_the_server_even_without_policies() -> None:
    """A baseline without policies and grants leaves no gap in the chain."""
    graph = recorded(of_empty_baseline)
    server = graph.named("baseline-server")
    for name in ("enforce-preflight", "enforce-found", "enforce-switch"):
        assert server.urn in graph.named(name).dependencies


def test_a_preflight_of_ones_own_waits_for_the_baseline_too() -> None:
    """Used without an enablement it is the same gate, and keeps the options it was given."""

    def program() -> None:
        other = baseline("other", policies=[], grants=[], admins=[])
        options = pulumi.ResourceOptions(depends_on=other.ready)
        ps.Preflight("gate", ps.PreflightArgs(baseline=baseline()), options)

    graph = recorded(program)
    gate = graph.named("gate")
    *needed, _ = [registration for registration in graph.registrations.values() if registration.custom]
    assert {registration.urn for registration in needed} == gate.dependencies


def test_two_baselines_do_not_wait_for_each_other() -> None:
    """Order is only where it is needed."""

    def program() -> None:
        baseline("a")
        baseline("b")

    graph = recorded(program)
    a, b = graph.named("a-server"), graph.named("b-server")
    of_b = graph.below(graph.named("b"))
    assert all(graph.reaches(found, b) and not graph.reaches(found, a) for found in of_b if found is not b)


def exported_components() -> list[str]:
    """The names of the components that the library exports."""
    exported = ((name, getattr(ps, name)) for name in ps.__all__)
    return [name for name, kind in exported if isinstance(kind, type) and issubclass(kind, pulumi.ComponentResource)]


def test_every_component_is_looked_at() -> None:
    """A new component needs a way to be made here."""
    assert sorted(exported_components()) == sorted(COMPONENTS)


@pytest.mark.parametrize("make", [*COMPONENTS.values(), with_node, of_empty_baseline])
def test_ready_holds_everything_a_component_made(make: Callable[[], Any]) -> None:
    """Who depends on `ready` depends on each custom resource of the component, and `ready` is never empty."""
    ready: list[str] = []
    made: list[str] = []

    def program() -> pulumi.Output[Any]:
        component = make()
        own = component.urn.apply(made.append)
        urns = pulumi.Output.all(*[resource.urn for resource in component.ready]).apply(ready.extend)
        return pulumi.Output.all(own, urns)

    graph = recorded(program)
    below = {registration.urn for registration in graph.below(graph.registrations[made[0]])}
    assert sorted(ready) == sorted(below)
    assert ready

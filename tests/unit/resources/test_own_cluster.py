"""Clusters that the same program makes."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.testing import EchoMocks, RecordingMonitor, record
from tests.unit.support.own_clusters import OWN_CLUSTERS, OwnCluster, OwnKind
from tests.unit.support.programs import baseline, recorded

KINDS = pytest.mark.parametrize("kind", OWN_CLUSTERS.values(), ids=OWN_CLUSTERS)


class Noting(RecordingMonitor):
    """A monitor that keeps what is ignored."""

    ignored: dict[str, list[str]]

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the monitor's own name
        """Answer as the mocks say."""
        self.__dict__.setdefault("ignored", {})[request.name] = list(request.ignoreChanges)
        return super().RegisterResource(request)


def ignored(program: Any) -> dict[str, list[str]]:
    """What is ignored, by resource."""
    monitor = Noting(EchoMocks())
    pulumi.runtime.set_mocks(monitor.mocks, monitor=monitor)
    pulumi.runtime.test(program)()
    return monitor.ignored


def made_here(kind: OwnKind, opts: pulumi.ResourceOptions | None) -> Any:
    """The enablement's record of what was found, of a cluster that the program makes."""

    def program() -> None:
        cluster = OwnCluster(kind.token, "prod", kind.off, opts)
        kind.enablement(baseline(), cluster.id)

    return recorded(program).named("enforce-found").inputs.get("unguarded")


@KINDS
def test_the_field_is_left_alone(kind: OwnKind) -> None:
    """It is ignored in the words of the engine, beside what the program ignores already."""
    opts = pulumi.ResourceOptions(ignore_changes=["tags"])

    def program() -> None:
        OwnCluster(kind.token, "prod", kind.off, ps.plugin_left_to_enablement(opts))
        OwnCluster(kind.token, "bare", {}, ps.plugin_left_to_enablement())

    found = ignored(program)
    assert (found["prod"], found["bare"]) == (["tags", kind.ignored], [kind.ignored])


@KINDS
def test_a_cluster_in_a_component(kind: OwnKind) -> None:
    """Options given to a component reach the cluster in it, and nothing else in it changes."""

    def program() -> None:
        around = pulumi.ComponentResource("my:own:Cluster", "around", None, ps.plugin_left_to_enablement())
        below = pulumi.ResourceOptions(parent=around)
        OwnCluster(kind.token, "prod", kind.off, below)
        OwnCluster("gcp:container/nodePool:NodePool", "pool", {}, below)

    found = ignored(program)
    assert (found["prod"], found["pool"]) == ([kind.ignored], [])


@KINDS
def test_a_program_that_turns_it_on_itself(kind: OwnKind) -> None:
    """It is refused before anything is made, with what to take out of the program."""
    name = next(iter(kind.on))
    with pytest.raises(pulumi.RunError, match=rf"prod \({kind.token}\): {name} turns PodSecurityPolicy on before"):
        record(lambda: OwnCluster(kind.token, "prod", kind.on, ps.plugin_left_to_enablement()))


def _later(value: Any) -> Any:
    """A value that another resource gives."""
    return OwnCluster("random:index/randomPet:RandomPet", "pet", {}, None).id.apply(lambda _: value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("gcp", _later, id="gcp"),
        pytest.param("gcp", lambda value: {"enabled": _later(value)}, id="gcp-below"),
        pytest.param("azure", _later, id="azure"),
        pytest.param("scaleway", _later, id="scaleway"),
        pytest.param("scaleway", lambda value: ["AlwaysPullImages", _later(value)], id="scaleway-below"),
    ],
)
def test_a_program_that_may_turn_it_on_itself(name: str, value: Any) -> None:
    """What the value of an output will be nobody knows when the cluster is declared."""
    kind = OWN_CLUSTERS[name]
    field = next(iter(kind.on))
    with pytest.raises(pulumi.RunError, match=rf"{field} turns PodSecurityPolicy on before any policy exists, or may"):
        record(lambda: OwnCluster(kind.token, "prod", {field: value(kind.on[field])}, ps.plugin_left_to_enablement()))


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("gcp", "take pod_security_policy_config out of the program: the enablement"),
        ("azure", "take enable_pod_security_policy out of the program: the enablement"),
        ("scaleway", "take 'PodSecurityPolicy' out of the program, and write the list as plain values: the enablement"),
    ],
)
def test_what_to_take_out_of_the_program(name: str, mend: str) -> None:
    """Of a list, the name alone."""
    kind = OWN_CLUSTERS[name]
    with pytest.raises(pulumi.RunError, match=mend):
        record(lambda: OwnCluster(kind.token, "prod", kind.on, ps.plugin_left_to_enablement()))


@KINDS
def test_an_enablement_of_a_cluster_not_left_alone(kind: OwnKind) -> None:
    """The preview is told which cluster it is, and by which words it is left alone."""
    said = made_here(kind, None)
    assert f"prod ({kind.token})" in said
    assert "opts=ps.plugin_left_to_enablement(" in said
    assert made_here(kind, ps.plugin_left_to_enablement()) is None


def test_an_enablement_of_any_other_cluster() -> None:
    """One that is named, or whose name comes from another kind of resource, is nobody's business here."""
    kind = OWN_CLUSTERS["gcp"]

    def program() -> None:
        other = OwnCluster("random:index/randomPet:RandomPet", "pet", {}, None)
        kind.enablement(baseline(), other.id)

    assert "unguarded" not in recorded(program).named("enforce-found").inputs
    assert "unguarded" not in recorded(lambda: kind.enablement(baseline(), "prod")).named("enforce-found").inputs

"""Controllers that try again, and nodes that come back for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_pod_security.cluster import revival
from pulumi_pod_security.cluster.revival import Node, Revival, nodes
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, service_accounts
from pulumi_pod_security.targets.psp import psp_manifests
from tests.unit.support.applying import Applying
from tests.unit.support.standin import Call, Reply
from tests.unit.support.world import served

GRANTED = psp_manifests(
    [presets.privileged()], [Grant(policy="privileged", namespace="kube-system", subjects=[service_accounts()])]
)


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Applying]:
    """Two nodes, of which one waits for a DaemonSet's pod, whose policy is there by now."""
    monkeypatch.setattr(revival, "POLL_SECONDS", 0.01)
    world = Applying(nodes={"b": False, "a": True})
    world.owners[world.run("DaemonSet", "cni", namespace="kube-system")]["status"] = {}
    world.grant(GRANTED)
    with served(world):
        yield world


def revived(world: Applying, timeout_seconds: float = 30, said: list[str] | None = None) -> list[str]:
    """What came back, as it came."""
    found = Revival(world.cluster(), (said if said is not None else []).append).run(timeout_seconds)
    return [f"node {each.name}" if isinstance(each, Node) else str(each) for each in found]


def test_controllers_are_woken_and_nodes_waited_for(cluster: Applying) -> None:
    """Each is told once."""
    assert revived(cluster) == ["kube-system/DaemonSet/cni", "node a", "node b"]
    assert cluster.changed == ["WAKE cni"]


def test_who_would_be_refused_is_neither_woken_nor_waited_for(cluster: Applying) -> None:
    """It would only wait longer for its next try."""
    cluster.owners[cluster.run("ReplicaSet", "cart")]["spec"]["replicas"] = 1
    assert "shop/ReplicaSet/cart" not in revived(cluster)
    assert "WAKE cart" not in cluster.changed


def test_when_time_is_out_it_ends(cluster: Applying) -> None:
    """What is not back is left to be seen; what was waited for was said."""
    cluster.stuck.add("cni")
    said: list[str] = []
    assert revived(cluster, 0.1, said) == ["kube-system/DaemonSet/cni", "node a"]
    assert "waiting for kube-system/DaemonSet/cni, node b" in said
    assert nodes(cluster.cluster().api)[1] == Node(name="b", ready=False, words="cni plugin not initialized")


def test_who_is_refused_once_more_is_woken_again(cluster: Applying, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API server may learn of a binding after the controller tried."""
    monkeypatch.setattr(revival, "WAKE_AGAIN_SECONDS", 0.02)
    cluster.stuck.add("cni")
    revived(cluster, 2)
    assert len(cluster.changed) > 2


def test_a_cluster_without_nodes_is_not_waited_for(cluster: Applying) -> None:
    """There is nothing that could come back."""
    cluster.nodes.clear()
    assert revived(cluster) == ["kube-system/DaemonSet/cni"]


def test_who_cannot_be_woken_holds_up_nobody(cluster: Applying, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook whose own pods are not back refuses every change; its controller tries again by itself."""
    cluster.owners[cluster.run("ReplicaSet", "aaa", namespace="kube-system")]["spec"]["replicas"] = 2
    answer, said = cluster.answer, list[str]()
    failing = Reply(code=500, body={"message": "failed calling webhook", "reason": "InternalError"})

    def refusing(call: Call) -> Reply:
        return failing if call.method == "PATCH" and call.path.endswith("/aaa") else answer(call)

    monkeypatch.setattr(cluster, "answer", refusing)
    with served(cluster):
        back = revived(cluster, timeout_seconds=1, said=said)
    assert "kube-system/DaemonSet/cni" in back
    assert "node b" in back
    assert "kube-system/ReplicaSet/aaa" not in back
    assert "kube-system/ReplicaSet/aaa cannot be woken, and tries again by itself: failed calling webhook" in said

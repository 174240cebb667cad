"""Workloads brought up to date one at a time, and where that stops."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pulumi_pod_security.cluster import recycling
from pulumi_pod_security.cluster.recycling import Done, RecyclingStopped, recycle
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.cluster.staleness import Left, survey
from tests.unit.support.rollouts import OLD, Rollouts
from tests.unit.support.world import served


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rollouts]:
    """An empty cluster with the plugin on, asked without pause."""
    monkeypatch.setattr(recycling, "POLL_SECONDS", 0.01)
    world = Rollouts()
    with served(world):
        yield world


def recycled(world: Rollouts, timeout_seconds: float = 30, said: list[str] | None = None) -> list[Done | Left]:
    """What came of it."""
    found = world.cluster()
    telling = (said if said is not None else []).append
    return list(recycle(found, survey(found), timeout_seconds, telling))


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_template_is_restarted_once(cluster: Rollouts, kind: str) -> None:
    """As by kubectl, and waited for."""
    cluster.slow = 3
    cluster.run(kind, "cart", OLD, None)
    said: list[str] = []
    (done,) = recycled(cluster, said=said)
    assert isinstance(done, Done)
    assert cluster.carried("cart") == ["privileged", "privileged"]
    assert cluster.changed == ["PATCH cart"]
    assert f"shop/{kind}/cart: 0 of 2 pods updated" in said
    assert recycled(cluster) == []


def test_the_restart_is_kubectls(cluster: Rollouts) -> None:
    """One annotation of the template, merged in; nothing else of the object is sent."""
    cluster.run("Deployment", "cart", OLD)
    recycled(cluster)
    (call,) = [call for call in cluster.calls if call.method == "PATCH"]
    annotations = call.body["spec"]["template"]["metadata"].pop("annotations")
    assert call.body == {"spec": {"template": {"metadata": {}}}}
    (moment,) = annotations.values()
    assert list(annotations) == ["kubectl.kubernetes.io/restartedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", moment)
    assert call.header("Content-Type") == ["application/merge-patch+json"]


def test_one_is_back_before_the_next_goes(cluster: Rollouts) -> None:
    """By namespace, kind and name."""
    cluster.slow = 2
    for name in ("b", "a"):
        cluster.run("Deployment", name, OLD)
    seen = []
    cluster_ = cluster.cluster()
    for done in recycle(cluster_, survey(cluster_), 30, lambda _words: None):
        seen.append((str(done.stale) if isinstance(done, Done) else "left", list(cluster.changed)))
    assert seen == [("shop/Deployment/a", ["PATCH a"]), ("shop/Deployment/b", ["PATCH a", "PATCH b"])]


def test_pods_of_a_replica_set_are_evicted_one_by_one(cluster: Rollouts) -> None:
    """Those that are up to date stay; a budget that says not yet is asked again."""
    cluster.run("ReplicaSet", "cart", OLD, "privileged", OLD)
    cluster.budget = 2
    said: list[str] = []
    recycled(cluster, said=said)
    assert cluster.changed == ["EVICT cart-0", "EVICT cart-2"]
    assert any("may not be evicted yet: it would violate the pod's disruption budget" in words for words in said)


def test_an_evicted_pod_that_is_not_replaced_stops_it(cluster: Rollouts) -> None:
    """The second pod is not evicted on top."""
    cluster.run("ReplicaSet", "cart", OLD, OLD)
    cluster.stuck.add("cart")
    with pytest.raises(RecyclingStopped, match="1 of 2 pods ready") as stopped:
        recycled(cluster, 0.2)
    assert cluster.changed == ["EVICT cart-0"]
    assert "kubectl describe replicaset/cart --namespace shop" in str(stopped.value)


def test_it_stops_at_the_first_that_does_not_come_back(cluster: Rollouts) -> None:
    """With its pods' words, and how its restart is taken back; what comes after is not touched."""
    cluster.run("Deployment", "a", OLD)
    cluster.run("Deployment", "b", OLD)
    cluster.stuck.add("a")
    (pod, _) = cluster.pods
    pod["status"] = {
        "phase": "Pending",
        "conditions": [{"type": "PodScheduled", "status": "False", "message": "0/2 nodes are available"}],
        "containerStatuses": [{"name": "app", "state": {"waiting": {"reason": "ErrImagePull", "message": "no such"}}}],
    }
    with pytest.raises(RecyclingStopped) as stopped:
        recycled(cluster, 0.2)
    assert str(stopped.value).splitlines() == [
        "shop/Deployment/a did not come back, and nothing after it was touched: 0 of 1 pods updated, after 0.2 s",
        "    pod a-0: 0/2 nodes are available; container app: ErrImagePull: no such",
        "    take its restart back: kubectl rollout undo deployment/a --namespace shop",
    ]
    assert cluster.changed == ["PATCH a"]


def test_a_controller_that_gives_up_is_not_waited_for(cluster: Rollouts) -> None:
    """A Deployment says so itself."""
    owner = cluster.run("Deployment", "a", OLD)
    cluster.interrupt(owner, "2024-01-01T00:00:00Z")
    cluster.stuck.add("a")
    cluster.owners[owner]["status"]["conditions"] = [{"type": "Progressing", "status": "False"}]
    with pytest.raises(RecyclingStopped, match="its controller says that it does not get on"):
        recycled(cluster)


def test_what_was_restarted_before_a_kill_is_waited_for(cluster: Rollouts) -> None:
    """And not restarted again."""
    owner = cluster.run("StatefulSet", "cart", OLD, OLD)
    cluster.slow = 4
    cluster.interrupt(owner, "2024-01-01T00:00:00Z")
    (done,) = recycled(cluster)
    assert isinstance(done, Done)
    assert done.stale.act == "wait"
    assert cluster.changed == []
    assert cluster.carried("cart") == ["privileged", "privileged"]


def test_what_is_refused_by_now_is_left(cluster: Rollouts) -> None:
    """Each workload is asked about again when its turn comes."""
    cluster.run("Deployment", "cart", OLD)
    asked = cluster.cluster()
    found = survey(asked)
    cluster.uses.clear()
    (left,) = recycle(asked, found, 30, lambda _words: None)
    assert isinstance(left, Left)
    assert cluster.changed == []


def test_pods_that_carry_another_policy_than_foretold_stop_it(cluster: Rollouts) -> None:
    """It would be restarted again and again."""
    cluster.run("Deployment", "cart", "privileged")
    cluster.pods[0]["metadata"]["annotations"] = {"kubernetes.io/psp": OLD}
    cluster.interrupt(next(iter(cluster.owners)), "2024-01-01T00:00:00Z")
    cluster.stuck.add("cart")
    cluster._complete(next(iter(cluster.owners)))
    with pytest.raises(RecyclingStopped, match="the next would get privileged"):
        recycled(cluster, 0.2)


def test_rights_are_asked_for_before_anything_is_touched(cluster: Rollouts) -> None:
    """Only those that this recycling takes."""
    cluster.run("Deployment", "a", OLD)
    cluster.run("ReplicaSet", "b", OLD)
    cluster.denied = {("create", "pods/eviction"), ("patch", "daemonsets")}
    with pytest.raises(PreflightRefused, match="create pods/eviction"):
        recycled(cluster)
    assert cluster.changed == []

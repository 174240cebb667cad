"""Which pods are out of date, and what can be done about each workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.staleness import PluginOff, Survey, survey
from tests.unit.support.objects import mirror_pod
from tests.unit.support.rollouts import OLD, Rollouts, owned, running
from tests.unit.support.world import served


@pytest.fixture
def cluster() -> Iterator[Rollouts]:
    """An empty cluster with the plugin on."""
    world = Rollouts()
    with served(world):
        yield world


def reason(found: Survey) -> str:
    """Why the one thing that is left is left."""
    (left,) = found.left
    assert not found.stale
    return left.reason


@pytest.mark.parametrize(
    ("kind", "act"),
    [
        ("Deployment", "restart"),
        ("StatefulSet", "restart"),
        ("DaemonSet", "restart"),
        ("ReplicaSet", "evict"),
        ("ReplicationController", "evict"),
    ],
)
def test_a_workload_is_found_by_its_pods(cluster: Rollouts, kind: str, act: str) -> None:
    """With the pods that carry another policy than its next one gets, or none, and only those."""
    cluster.run(kind, "cart", OLD, "privileged", None)
    (stale,) = survey(cluster.cluster()).stale
    assert str(stale) == f"shop/{kind}/cart"
    assert (stale.pods, stale.carries) == (("cart-0", "cart-2"), (None, OLD))
    assert (stale.policy, stale.act) == ("privileged", act)


def test_what_is_up_to_date_is_not_listed(cluster: Rollouts) -> None:
    """Nor are pods that are over or on their way out."""
    cluster.run("Deployment", "cart", "privileged")
    cluster.run("Deployment", "gone", "privileged")
    over = running("cart-9", **owned("ReplicaSet", "cart-1"))
    over["status"]["phase"] = "Succeeded"
    going = running("cart-8", deletionTimestamp="2024-01-01T00:00:00Z", **owned("ReplicaSet", "cart-1"))
    cluster.pods += [over, going]
    assert survey(cluster.cluster()) == Survey(stale=(), left=(), pods=2)


def test_without_the_plugin_nothing_is_out_of_date(cluster: Rollouts) -> None:
    """It is an error that says what to do, for every pod would seem to be."""
    cluster.enforcing = False
    with pytest.raises(PluginOff, match="turn it on first"):
        survey(cluster.cluster())


def test_namespaces_are_looked_at_one_by_one(cluster: Rollouts) -> None:
    """Pods of others are not even read."""
    cluster.run("Deployment", "cart", OLD)
    cluster.run("Deployment", "till", OLD, namespace="bank")
    found = survey(cluster.cluster(), ["bank"])
    assert [str(stale) for stale in found.stale] == ["bank/Deployment/till"]
    assert found.pods == 1


def test_a_namespace_that_is_not_there_is_told(cluster: Rollouts) -> None:
    """A mistyped one would else seem to be up to date."""
    cluster.absent.add("/api/v1/namespaces/shpo")
    with pytest.raises(ClusterError, match="there is no namespace 'shpo'"):
        survey(cluster.cluster(), ["shpo"])


def test_what_would_be_refused_is_left(cluster: Rollouts) -> None:
    """With the server's words."""
    cluster.run("Deployment", "cart", OLD)
    cluster.refusals["cart-"] = "exceeded quota"
    found = survey(cluster.cluster())
    assert "its next pod would be refused" in reason(found)
    assert "exceeded quota" in reason(found)
    assert found.left[0].open
    assert found.left[0].policy is None


def test_what_the_plugin_would_refuse_is_out_of_date_whatever_it_carries(cluster: Rollouts) -> None:
    """The server names no reason where nobody may use any policy; what to grant, and to whom, is said instead."""
    cluster.run("Deployment", "cart", "privileged", None)
    cluster.refusals["cart-"] = "PodSecurityPolicy: unable to admit pod: []"
    found = survey(cluster.cluster())
    assert found.left[0].carries == (None, "privileged")
    assert reason(found).endswith('grant one: - {policy: POLICY, namespace: shop, to: ["serviceaccount:default"]}')


def test_a_full_quota_makes_nothing_out_of_date(cluster: Rollouts) -> None:
    """Only what no present policy admitted is known to be."""
    cluster.run("Deployment", "cart", "privileged", OLD)
    cluster.refusals["cart-"] = "exceeded quota"
    assert survey(cluster.cluster()).left[0].pods == ("cart-1",)


@pytest.mark.parametrize(
    ("kind", "spec", "said"),
    [
        ("Deployment", {"paused": True}, "kubectl rollout resume: deployment/cart --namespace shop"),
        ("DaemonSet", {"updateStrategy": {"type": "OnDelete"}}, "OnDelete"),
        ("StatefulSet", {"updateStrategy": {"type": "OnDelete"}}, "OnDelete"),
        ("StatefulSet", {"updateStrategy": {"rollingUpdate": {"partition": 2}}}, "partition 2"),
    ],
)
def test_what_a_new_template_would_not_reach_is_left(
    cluster: Rollouts, kind: str, spec: dict[str, Any], said: str
) -> None:
    """A restart would change the template and no pod."""
    cluster.run(kind, "cart", OLD, **spec)
    found = survey(cluster.cluster())
    assert said in reason(found)
    assert found.left[0].open


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
def test_what_is_not_well_is_left(cluster: Rollouts, kind: str) -> None:
    """It would not come back, and that would be laid at our door."""
    owner = cluster.run(kind, "cart", OLD, OLD)
    counts = cluster.owners[owner]["status"]
    counts |= {key: 1 for key in ("availableReplicas", "readyReplicas", "numberAvailable") if key in counts}
    assert "its rollout is not complete (1 of 2 pods available)" in reason(survey(cluster.cluster()))


def test_what_an_earlier_run_restarted_is_waited_for(cluster: Rollouts) -> None:
    """Its stale pods are older than its template's restart; it is not restarted again."""
    owner = cluster.run("Deployment", "cart", OLD, OLD)
    cluster.interrupt(owner, "2024-01-01T00:00:00Z")
    (stale,) = survey(cluster.cluster()).stale
    assert stale.act == "wait"


def test_what_an_earlier_run_began_to_evict_goes_on(cluster: Rollouts) -> None:
    """Though a pod is still missing."""
    owner = cluster.run("ReplicaSet", "cart", OLD, "privileged")
    cluster.owners[owner]["spec"]["replicas"] = 3
    (stale,) = survey(cluster.cluster()).stale
    assert (stale.act, stale.pods) == ("evict", ("cart-0",))


@pytest.mark.parametrize(
    ("kind", "said"), [("Job", "come to their end by themselves"), ("Rollout", "only its own controller knows")]
)
def test_what_cannot_be_restarted_is_told(cluster: Rollouts, kind: str, said: str) -> None:
    """A Job's template cannot change; a custom resource's controller is nobody we know. Neither is to be mended."""
    if kind == "Job":
        cluster.run(kind, "cart", OLD)
    else:
        cluster.pods.append(running("cart-0", **owned(kind, "cart")))
    found = survey(cluster.cluster())
    assert said in reason(found)
    assert not found.left[0].open


def test_a_pod_that_nothing_makes_anew_is_told(cluster: Rollouts) -> None:
    """It is not to be mended here, and above all not deleted."""
    cluster.pods.append(running("debug"))
    found = survey(cluster.cluster())
    assert str(found.left[0]) == "shop/Pod/debug"
    assert "make it again yourself: kubectl get pod debug --namespace shop -o yaml" in reason(found)
    assert not found.left[0].open


def test_a_static_pod_is_told(cluster: Rollouts) -> None:
    """It has its node as its owner, and is no workload of a `Node` that could be restarted."""
    mirror = mirror_pod("etcd")
    mirror["metadata"] |= owned("Node", "cp")
    cluster.pods.append(mirror)
    found = survey(cluster.cluster())
    assert str(found.left[0]) == "kube-system/Pod/etcd-cp"
    assert "static pod of node cp" in reason(found)


def test_a_workload_that_is_gone_meanwhile_is_nothing(cluster: Rollouts) -> None:
    """Its pods go by themselves."""
    cluster.pods.append(running("cart-0", **owned("StatefulSet", "cart")))
    cluster.absent.add("/apis/apps/v1/namespaces/shop/statefulsets/cart")
    assert survey(cluster.cluster()).left == ()

"""Controllers whose pods were refused: which they are, what they were told, and how they are woken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_pod_security.cluster.creations import refused_creations, waiting, wake
from pulumi_pod_security.cluster.owners import Owner
from tests.unit.support.rollouts import Rollouts
from tests.unit.support.world import served

EVENTS = "/api/v1/namespaces/shop/events"


@pytest.fixture
def cluster() -> Iterator[Rollouts]:
    """An empty cluster with the plugin on."""
    world = Rollouts()
    with served(world):
        yield world


@pytest.mark.parametrize(
    ("kind", "status", "lacks"),
    [
        ("ReplicaSet", {"replicas": 1}, True),
        ("ReplicaSet", {"replicas": 2}, False),
        ("ReplicationController", {}, True),
        ("StatefulSet", {"replicas": 1}, True),
        ("StatefulSet", {"replicas": 2}, False),
        ("DaemonSet", {"observedGeneration": 1, "desiredNumberScheduled": 2, "currentNumberScheduled": 1}, True),
        ("DaemonSet", {"observedGeneration": 1, "desiredNumberScheduled": 2, "currentNumberScheduled": 2}, False),
        ("DaemonSet", {}, True),
        ("Job", {}, True),
        ("Job", {"active": 1}, False),
        ("Job", {"conditions": [{"type": "Complete", "status": "True"}]}, False),
        ("Deployment", {}, False),
    ],
)
def test_who_lacks_pods(cluster: Rollouts, kind: str, status: dict[str, Any], lacks: bool) -> None:  # noqa: FBT001
    """A Deployment leaves it to its ReplicaSets; a DaemonSet that was refused from the start has no status at all."""
    owner = cluster.run(kind, "cart")
    cluster.owners = {owner: cluster.owners[owner]}
    cluster.owners[owner]["spec"]["replicas"] = 2
    cluster.owners[owner]["status"] = status
    assert [str(found) for found in waiting(cluster.cluster())] == ([f"shop/{kind}/cart"] if lacks else [])


def test_some_namespaces(cluster: Rollouts) -> None:
    """Each is read by itself, once; the others are not."""
    for namespace in ("shop", "bank", "web"):
        owner = cluster.run("ReplicaSet", "cart", namespace=namespace)
        cluster.owners[owner]["spec"]["replicas"] = 1
    found = waiting(cluster.cluster(), ["web", "bank", "bank"])
    assert list(map(str, found)) == ["bank/ReplicaSet/cart", "web/ReplicaSet/cart"]
    assert not cluster.asked("/apis/apps/v1/replicasets")
    assert waiting(cluster.cluster(), []) == []


def test_a_suspended_job_waits_for_nobody(cluster: Rollouts) -> None:
    """It is to have no pods."""
    cluster.owners[cluster.run("Job", "cart", suspend=True)]["status"] = {}
    assert waiting(cluster.cluster()) == []


def test_what_the_next_pod_would_be_told_comes_along(cluster: Rollouts) -> None:
    """Whom it would be of no use to wake is known."""
    for name in ("cart", "till"):
        cluster.owners[cluster.run("ReplicaSet", name)]["spec"]["replicas"] = 1
    cluster.refusals["till-"] = "exceeded quota"
    cart, till = waiting(cluster.cluster())
    assert cart.answer.policy == "privileged"
    assert "exceeded quota" in (till.answer.refusal or "")


def test_waking_leaves_nothing_behind(cluster: Rollouts) -> None:
    """An annotation of the workload itself, not of its template, comes and goes."""
    owner = cluster.run("StatefulSet", "cart")
    wake(cluster.cluster().api, owner)
    given, taken = [call.body for call in cluster.calls if call.method == "PATCH"]
    (key,) = given["metadata"]["annotations"]
    assert given == {"metadata": {"annotations": {key: given["metadata"]["annotations"][key]}}}
    assert taken == {"metadata": {"annotations": {key: None}}}


def test_who_is_gone_is_not_woken(cluster: Rollouts) -> None:
    """And that is no error."""
    cluster.absent.add("/apis/apps/v1/namespaces/shop/statefulsets/cart")
    wake(cluster.cluster().api, Owner("shop", "StatefulSet", "cart"))


@pytest.mark.parametrize(
    ("owner", "told"),
    [
        (Owner("shop", "Deployment", "cart"), ["no for cart-5d7c"]),
        (Owner("shop", "ReplicaSet", "cart-5d7c"), ["no for cart-5d7c"]),
        (Owner("shop", "StatefulSet", "cart"), ["no for the set"]),
    ],
)
def test_what_the_server_said_to_a_creation(cluster: Rollouts, owner: Owner, told: list[str]) -> None:
    """To the workload's own controller, once each; a Deployment's pods are made by its ReplicaSets."""
    events = [
        ("ReplicaSet", "cart-5d7c", "no for cart-5d7c"),
        ("ReplicaSet", "cart-5d7c", "no for cart-5d7c"),
        ("ReplicaSet", "cart-2-5d7c", "no for another"),
        ("StatefulSet", "cart", "no for the set"),
    ]
    cluster.lists[EVENTS] = [
        {"involvedObject": {"kind": kind, "name": name}, "message": message} for kind, name, message in events
    ]
    assert list(refused_creations(cluster.cluster().api, owner)) == told
    assert cluster.asked(EVENTS)[0].query["fieldSelector"] == "reason=FailedCreate"


def test_who_may_not_read_events_is_told_less(cluster: Rollouts) -> None:
    """They only add words to another error."""
    cluster.absent.add(EVENTS)
    assert list(refused_creations(cluster.cluster().api, Owner("shop", "StatefulSet", "cart"))) == []

"""How far a rollout has come, by kubectl's rules."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.cluster.owners import Owner, Rollout, progress


def rollout(status: dict[str, Any], generation: int = 1, replicas: int | None = 2) -> Rollout:
    """A workload with this status."""
    spec: dict[str, Any] = {"replicas": replicas, "template": {"spec": {"containers": []}}}
    return msgspec.convert({"metadata": {"generation": generation}, "spec": spec, "status": status}, Rollout)


SEEN = {"observedGeneration": 1}
ALL = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
EVERYWHERE = {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 2}


@pytest.mark.parametrize(
    ("kind", "status", "waits"),
    [
        ("Deployment", ALL, "its controller has not seen it yet"),
        ("Deployment", {**SEEN, **ALL}, None),
        ("Deployment", {**SEEN, **ALL, "updatedReplicas": 1}, "1 of 2 pods updated"),
        ("Deployment", {**SEEN, **ALL, "replicas": 3}, "1 old pods not gone yet"),
        ("Deployment", {**SEEN, **ALL, "availableReplicas": 1}, "1 of 2 pods available"),
        ("StatefulSet", {**SEEN, **ALL}, None),
        ("StatefulSet", {**SEEN, **ALL, "readyReplicas": 0}, "0 of 2 pods available"),
        ("StatefulSet", {**SEEN, **ALL, "updatedReplicas": 0}, "0 of 2 pods updated"),
        ("DaemonSet", {**SEEN, **EVERYWHERE}, None),
        ("DaemonSet", {**SEEN, **EVERYWHERE, "updatedNumberScheduled": 1}, "1 of 2 pods updated"),
        ("DaemonSet", {**SEEN, **EVERYWHERE, "numberAvailable": 1}, "1 of 2 pods available"),
        ("ReplicaSet", {**SEEN, **ALL}, None),
        ("ReplicaSet", {**SEEN, **ALL, "availableReplicas": 1}, "1 of 2 pods available"),
    ],
)
def test_what_a_rollout_waits_for(kind: str, status: dict[str, Any], waits: str | None) -> None:
    """In words, or nothing."""
    assert progress(kind, rollout(status)) == waits


def test_no_number_means_one() -> None:
    """The server's own default."""
    assert rollout({}, replicas=None).wanted == 1


@pytest.mark.parametrize(
    ("owner", "path"),
    [
        (Owner("shop", "Deployment", "cart"), "/apis/apps/v1/namespaces/shop/deployments/cart"),
        (Owner("shop", "ReplicationController", "c"), "/api/v1/namespaces/shop/replicationcontrollers/c"),
        (Owner("shop", "Job", "nightly"), "/apis/batch/v1/namespaces/shop/jobs/nightly"),
    ],
)
def test_where_it_is(owner: Owner, path: str) -> None:
    """By group, namespace and resource."""
    assert owner.path == path

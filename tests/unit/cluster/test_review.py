"""A live cluster's objects as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.review import access, running
from tests.unit.support.objects import cron_job, owner, pod
from tests.unit.support.world import World

RBAC = "/apis/rbac.authorization.k8s.io/v1"
ACCESS = {
    "PodSecurityPolicy": "/apis/policy/v1beta1/podsecuritypolicies",
    "ClusterRole": f"{RBAC}/clusterroles",
    "Role": f"{RBAC}/roles",
    "ClusterRoleBinding": f"{RBAC}/clusterrolebindings",
    "RoleBinding": f"{RBAC}/rolebindings",
    "ServiceAccount": "/api/v1/serviceaccounts",
}
RUNNING = {
    "Deployment": "/apis/apps/v1/deployments",
    "ReplicaSet": "/apis/apps/v1/replicasets",
    "StatefulSet": "/apis/apps/v1/statefulsets",
    "DaemonSet": "/apis/apps/v1/daemonsets",
    "Job": "/apis/batch/v1/jobs",
    "ReplicationController": "/api/v1/replicationcontrollers",
    "Pod": "/api/v1/pods",
    "CronJob": "/apis/batch/v1/cronjobs",
}


def test_rules_are_read_by_kind(world: World) -> None:
    """Items get the kind and version that a server's list does not repeat, and a place by their name."""
    world.lists = {path: [{"metadata": {"name": "a"}}] for path in ACCESS.values()}
    found = list(access(world.cluster().api))
    assert [document.data["kind"] for document in found] == list(ACCESS)
    assert found[0].where == "cluster:PodSecurityPolicy/a"
    assert found[0].data["apiVersion"] == "policy/v1beta1"
    assert found[-1].data["apiVersion"] == "v1"


def test_everything_that_creates_pods_is_read(world: World) -> None:
    """Templates and pods."""
    world.lists = {path: [owner("a")] for path in RUNNING.values()}
    found = list(running(world.cluster().api))
    assert [document.data["kind"] for document in found] == list(RUNNING)
    assert found[0].where == "cluster:shop/Deployment/a"


def test_pages_are_taken_when_they_are_needed(world: World) -> None:
    """Nothing is held back for a list's end."""
    world.page = 1
    world.lists = {RUNNING["Pod"]: [pod("a"), pod("b"), pod("c")]}
    next(running(world.cluster().api))
    assert len(world.asked(RUNNING["Pod"])) == 1


def test_a_server_without_policies_has_none(world: World) -> None:
    """From 1.25 on; any other list must be there."""
    world.absent = {ACCESS["PodSecurityPolicy"]}
    assert list(access(world.cluster().api)) == []
    world.absent = {ACCESS["Role"]}
    with pytest.raises(Refused, match="roles"):
        list(access(world.cluster().api))


def test_old_servers_have_old_cron_jobs(world: World) -> None:
    """Before 1.21 in batch/v1beta1."""
    world.absent = {RUNNING["CronJob"]}
    world.lists = {"/apis/batch/v1beta1/cronjobs": [cron_job("nightly")]}
    (found,) = running(world.cluster().api)
    assert (found.data["apiVersion"], found.where) == ("batch/v1beta1", "cluster:shop/CronJob/nightly")
    world.absent.add("/apis/batch/v1beta1/cronjobs")
    with pytest.raises(Refused):
        list(running(world.cluster().api))


@pytest.mark.parametrize(("read", "first"), [(access, None), (running, "Pod")], ids=["access", "running"])
def test_what_is_not_answered_is_not_taken_for_missing(
    world: World, read: Callable[[Api], Iterator[Document]], first: str | None
) -> None:
    """A server that refuses for another reason may well have policies, or cron jobs."""
    world.lists = {path: [pod("a")] for path in RUNNING.values()}
    found = read(world.cluster().api)
    while first is not None and next(found).data["kind"] != first:
        pass
    world.away = 100
    path = ACCESS["PodSecurityPolicy"] if first is None else RUNNING["CronJob"]
    with pytest.raises(Refused, match=f"GET {path}: away"):
        list(found)

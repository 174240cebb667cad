"""A live cluster's objects as documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.cluster import review
from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.connection import Connection
from tests.fixtures.waiting import eventually
from tests.unit.support.objects import cron_job, owner, pod
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import World, kubeconfig

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
    "CronJob": "/apis/batch/v1/cronjobs",
    "ReplicationController": "/api/v1/replicationcontrollers",
    "Pod": "/api/v1/pods",
}


def access(api: Api) -> Iterator[Document]:
    """The documents, whoever wants to know how many there will be."""
    return review.access(api, lambda _: None)


def running(api: Api) -> Iterator[Document]:
    """The same for what creates pods."""
    return review.running(api, (), lambda _: None)


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


def test_one_page_is_fetched_ahead_and_no_more(world: World) -> None:
    """Nothing is held back for a list's end, and the next page comes while this one is worked on."""
    world.page = 1
    world.lists = {RUNNING["Pod"]: [pod("a"), pod("b"), pod("c")]}
    found = running(world.cluster().api)
    next(found)
    eventually(lambda: len(world.asked(RUNNING["Pod"])) == 2, 10)
    assert [document.where for document in found] == ["cluster:shop/Pod/b", "cluster:shop/Pod/c"]
    assert len(world.asked(RUNNING["Pod"])) == 3


def test_tells_how_many_are_to_come() -> None:
    """With every page, this page's included; the end of a list that is not counted is not known."""
    told: list[int] = []

    def answer(call: Call) -> Reply:
        if call.path != RUNNING["Pod"]:
            return Reply(body={"items": []})
        first = "continue" not in call.query
        return Reply(
            body={"items": [pod("a")], "metadata": {"continue": "x", "remainingItemCount": 7} if first else {}}
        )

    with serving(answer) as address:
        assert len(list(review.running(Connection(kubeconfig=kubeconfig(address)).open(), (), told.append))) == 2
    assert told == [0] * 7 + [8, 1]


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


@pytest.mark.parametrize(
    ("read", "path"),
    [(access, ACCESS["PodSecurityPolicy"]), (running, RUNNING["CronJob"])],
    ids=["access", "running"],
)
def test_what_is_not_answered_is_not_taken_for_missing(read: Callable[[Api], Iterator[Document]], path: str) -> None:
    """A server that refuses for another reason may well have policies, or cron jobs; what came before is given."""

    def answer(call: Call) -> Reply:
        return Reply(code=500, body={"message": "away"}) if call.path == path else Reply(body={"items": [pod("a")]})

    found: list[Document] = []
    with serving(answer) as address, pytest.raises(Refused, match=f"GET {path}: away"):
        found.extend(read(Connection(kubeconfig=kubeconfig(address)).open()))
    assert [document.kind for document in found] == list(RUNNING)[:5] * (read is running)

"""Everything that creates pods, and who creates them."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.inventory import LISTED, Workload, controller, workloads
from pulumi_pod_security.policy.identity import Identity
from tests.unit.support.objects import cron_job, mirror_pod, owner, pod, pod_spec
from tests.unit.support.world import World

PATHS = {
    "Deployment": "/apis/apps/v1/deployments",
    "ReplicaSet": "/apis/apps/v1/replicasets",
    "StatefulSet": "/apis/apps/v1/statefulsets",
    "DaemonSet": "/apis/apps/v1/daemonsets",
    "Job": "/apis/batch/v1/jobs",
    "ReplicationController": "/api/v1/replicationcontrollers",
}
CONTROLLERS = {
    "Deployment": "replicaset-controller",
    "ReplicaSet": "replicaset-controller",
    "StatefulSet": "statefulset-controller",
    "DaemonSet": "daemon-set-controller",
    "Job": "job-controller",
    "ReplicationController": "replication-controller",
}
PODS = "/api/v1/pods"
MIRROR = {"kubernetes.io/config.mirror": "1"}
TOKEN_VOLUME = {"name": "kube-api-access-x7x2p", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}


def found(world: World) -> tuple[Workload, ...]:
    """The inventory of the world."""
    return workloads(world.cluster().api)


def named(world: World) -> list[str]:
    """How messages name what is found."""
    return [str(workload) for workload in found(world)]


@pytest.mark.parametrize("kind", PATHS)
def test_reads_the_template_of_every_kind(world: World, kind: str) -> None:
    """Each kind is created by its own controller, which logged in, for an account that did not."""
    world.lists[PATHS[kind]] = [owner("cart", spec=pod_spec(serviceAccountName="cart"))]
    (workload,) = found(world)
    assert str(workload) == f"shop/{kind}/cart"
    account, creator = workload.identities
    assert account == Identity(
        user="system:serviceaccount:shop:cart",
        groups=frozenset({"system:serviceaccounts", "system:serviceaccounts:shop"}),
    )
    assert creator == Identity(
        user=f"system:serviceaccount:kube-system:{CONTROLLERS[kind]}",
        groups=frozenset({"system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"}),
    )


def test_reads_cron_jobs(world: World) -> None:
    """The pods of a CronJob are made by the job controller, two templates down."""
    world.lists["/apis/batch/v1/cronjobs"] = [cron_job("report")]
    (workload,) = found(world)
    assert str(workload) == "shop/CronJob/report"
    assert workload.service_account == "nightly"
    assert workload.creator == controller("job-controller")
    assert workload.pod["spec"] == pod_spec(serviceAccountName="nightly")


def test_reads_cron_jobs_of_servers_before_1_21(world: World) -> None:
    """Where batch/v1 has no CronJob, batch/v1beta1 has."""
    world.absent = {"/apis/batch/v1/cronjobs"}
    world.lists["/apis/batch/v1beta1/cronjobs"] = [cron_job("report")]
    assert named(world) == ["shop/CronJob/report"]


def test_asks_the_old_path_only_where_the_new_one_is_missing(world: World) -> None:
    """A list that is there, even empty, is the answer."""
    found(world)
    assert world.asked("/apis/batch/v1beta1/cronjobs") == []


def test_a_list_that_is_not_there_is_an_error(world: World) -> None:
    """Nothing is left out in silence: only CronJobs have two paths."""
    world.absent = {"/apis/apps/v1/deployments"}
    with pytest.raises(Refused, match="GET /apis/apps/v1/deployments: the server could not find"):
        found(world)


def test_lists_exactly_what_it_states(world: World) -> None:
    """The rights that callers ask for are the lists that are read."""
    found(world)
    asked = {call.path.removeprefix("/api") for call in world.calls}
    stated = {f"s/{group}/v1/{resource}" if group else f"/v1/{resource}" for group, resource in LISTED}
    assert asked == stated


@pytest.mark.parametrize("replicas", [0, 3])
def test_a_workload_without_pods_counts(world: World, replicas: int) -> None:
    """The next scale-up creates the pods, so zero replicas are read as any other number."""
    world.lists[PATHS["Deployment"]] = [owner("cart", replicas=replicas)]
    (workload,) = found(world)
    assert workload.replicas == replicas


@pytest.mark.parametrize(
    ("spec", "account"),
    [
        pytest.param({}, "default", id="none"),
        pytest.param({"serviceAccountName": "cart"}, "cart", id="name"),
        pytest.param({"serviceAccount": "old"}, "old", id="deprecated"),
        pytest.param({"serviceAccountName": "cart", "serviceAccount": "old"}, "cart", id="both"),
        pytest.param({"serviceAccountName": ""}, "default", id="empty"),
    ],
)
def test_finds_the_account_as_the_server_does(world: World, spec: dict[str, Any], account: str) -> None:
    """A pod without an account runs as `default`."""
    world.lists[PATHS["Deployment"]] = [owner("cart", spec=pod_spec(**spec))]
    assert found(world)[0].service_account == account


def test_a_mirror_pod_belongs_to_its_node(world: World) -> None:
    """The kubelet creates it, with the node's groups; it has no account of its own to bring a right."""
    world.lists[PODS] = [mirror_pod("kube-apiserver")]
    (workload,) = found(world)
    node = Identity(user="system:node:cp", groups=frozenset({"system:nodes", "system:authenticated"}))
    assert workload.service_account is None
    assert workload.identities == (node,)
    assert workload.pod["metadata"]["annotations"] == {"kubernetes.io/config.mirror": "0123456789abcdef"}


def test_a_mirror_pod_is_sent_with_its_node(world: World) -> None:
    """NodeRestriction lets a kubelet create only pods that are bound to its node and owned by it."""
    node = {"apiVersion": "v1", "kind": "Node", "name": "cp", "uid": "1", "controller": True}
    world.lists[PODS] = [
        pod("etcd-cp", "kube-system", spec=pod_spec(nodeName="cp"), annotations=MIRROR, ownerReferences=[node])
    ]
    (workload,) = found(world)
    assert workload.pod["spec"]["nodeName"] == "cp"
    assert workload.pod["metadata"]["ownerReferences"] == [node]


@pytest.mark.parametrize(
    ("owners", "name"),
    [
        pytest.param([("DaemonSet", True)], "daemon-set-controller", id="controller"),
        pytest.param([("Job", None), ("StatefulSet", True)], "statefulset-controller", id="second"),
        pytest.param([("Job", False)], "replicaset-controller", id="not-controlling"),
        pytest.param([("Rollout", True)], "replicaset-controller", id="custom"),
        pytest.param([], "replicaset-controller", id="none"),
    ],
)
def test_a_pod_is_created_by_its_owners_controller(
    world: World, owners: list[tuple[str, bool | None]], name: str
) -> None:
    """A pod of an owner we do not know, or of none, is judged as if a ReplicaSet made it."""
    references = [{"kind": kind, "name": "a", "controller": controls} for kind, controls in owners]
    world.lists[PODS] = [pod("a-1", ownerReferences=references)]
    assert found(world)[0].creator == controller(name)


@pytest.mark.parametrize(
    "over",
    [
        pytest.param(pod("a", phase="Succeeded"), id="succeeded"),
        pytest.param(pod("a", phase="Failed"), id="failed"),
        pytest.param(pod("a", deletionTimestamp="2024-01-01T00:00:00Z"), id="being-deleted"),
    ],
)
def test_pods_that_are_over_do_not_count(world: World, over: dict[str, Any]) -> None:
    """What has ended or is being deleted is not created again."""
    world.lists[PODS] = [over]
    assert found(world) == ()


@pytest.mark.parametrize("phase", ["Pending", "Running", "Unknown", ""])
def test_pods_that_run_or_will_count(world: World, phase: str) -> None:
    """A pod that has not started yet is as good as one that runs."""
    world.lists[PODS] = [pod("a", phase=phase)]
    assert named(world) == ["shop/Pod/a"]


def test_a_deployment_and_its_replica_sets_are_one_question(world: World) -> None:
    """Equal pods of one creator are listed once, by the owner that people know."""
    replica_set = owner("cart-5d4f", spec=pod_spec())
    replica_set["spec"]["template"]["metadata"]["labels"] = {"app": "cart", "pod-template-hash": "5d4f"}
    world.lists[PATHS["ReplicaSet"]] = [replica_set]
    world.lists[PATHS["Deployment"]] = [owner("cart")]
    assert named(world) == ["shop/Deployment/cart"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(owner("cart", "ops"), id="namespace"),
        pytest.param(owner("other"), id="label"),
        pytest.param(owner("cart", spec=pod_spec(hostPID=True)), id="spec"),
    ],
)
def test_different_pods_are_different_questions(world: World, other: dict[str, Any]) -> None:
    """A pod that differs in what an admission plugin may look at is asked about on its own."""
    world.lists[PATHS["Deployment"]] = [owner("cart"), other]
    assert len(found(world)) == 2


def test_equal_pods_of_another_creator_are_another_question(world: World) -> None:
    """The creator's own rights count, so a StatefulSet's pod is not a Deployment's."""
    world.lists[PATHS["Deployment"]] = [owner("cart")]
    world.lists[PATHS["StatefulSet"]] = [owner("cart")]
    assert named(world) == ["shop/Deployment/cart", "shop/StatefulSet/cart"]


def test_comes_in_a_fixed_order(world: World) -> None:
    """Namespace, kind and name, whatever order the server lists."""
    world.lists[PATHS["Deployment"]] = [owner("b"), owner("a"), owner("c", "ops")]
    world.lists[PATHS["DaemonSet"]] = [owner("z")]
    assert named(world) == ["ops/Deployment/c", "shop/DaemonSet/z", "shop/Deployment/a", "shop/Deployment/b"]


def test_a_running_pod_is_sent_without_what_the_server_added(world: World) -> None:
    """Token volume and mounts, node, priority, overhead and ephemeral containers are the server's, all else stays."""
    container = {
        "name": "app",
        "image": "app",
        "volumeMounts": [{"name": "data", "mountPath": "/d"}, {"name": "kube-api-access-x7x2p", "mountPath": "/var"}],
    }
    running = {
        "nodeName": "n1",
        "priority": 0,
        "preemptionPolicy": "PreemptLowerPriority",
        "overhead": {"cpu": "1m"},
        "ephemeralContainers": [{"name": "debug"}],
        "volumes": [{"name": "data", "emptyDir": {}}, TOKEN_VOLUME],
        "initContainers": [container],
        "containers": [container],
    }
    world.lists[PODS] = [pod("a", spec=running)]
    sent = {**container, "volumeMounts": [{"name": "data", "mountPath": "/d"}]}
    assert found(world)[0].pod["spec"] == {
        "volumes": [{"name": "data", "emptyDir": {}}],
        "initContainers": [sent],
        "containers": [sent],
    }


def test_a_pod_without_volumes_is_sent_without(world: World) -> None:
    """Lists that are missing are no fault."""
    world.lists[PODS] = [pod("a")]
    assert found(world)[0].pod["spec"] == {
        "containers": [{"name": "app", "image": "app", "volumeMounts": []}],
        "volumes": [],
    }


def test_a_template_is_sent_as_it_is(world: World) -> None:
    """Nothing was added to a template, so nothing is taken away."""
    spec = pod_spec(priority=5, volumes=[TOKEN_VOLUME])
    world.lists[PATHS["Deployment"]] = [owner("cart", spec=spec)]
    assert found(world)[0].pod["spec"] == spec


def test_a_pod_is_sent_under_a_name_the_server_makes(world: World) -> None:
    """The name of a running pod is taken; its labels stay and the mark of the last admission does not."""
    annotations = {"kubernetes.io/psp": "default", "team": "a"}
    world.lists[PODS] = [pod("cart-1", generateName="cart-", labels={"app": "cart"}, annotations=annotations), pod("b")]
    metadata = [workload.pod["metadata"] for workload in found(world)]
    assert metadata == [
        {"generateName": "b-", "namespace": "shop", "labels": {}, "annotations": {}},
        {"generateName": "cart-", "namespace": "shop", "labels": {"app": "cart"}, "annotations": {"team": "a"}},
    ]

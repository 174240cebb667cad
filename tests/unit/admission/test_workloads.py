"""Pods as their creators would send them; `tests/unit/cluster/test_inventory.py` has the rest, through a cluster."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.manifests import CronJob, JudgedPod, LivePod, PodOf, TemplateOwner
from pulumi_pod_security.admission.workloads import (
    CONTROLLERS,
    Workload,
    controller,
    distinct,
    of_cron_job,
    of_owner,
    of_pod,
)
from pulumi_pod_security.policy.identity import Identity
from tests.unit.support.objects import cron_job, owner, pod, pod_spec

CONTROLLED = [{"kind": "ReplicaSet", "name": "a", "controller": True}]
SOMEONE = Identity(user="jane", groups=frozenset({"system:authenticated"}))


def made(kind: str, data: dict[str, Any]) -> Workload:
    """What an object creates."""
    found = of_owner(kind, msgspec.convert(data, TemplateOwner))
    assert found is not None
    return found


def live(data: dict[str, Any]) -> LivePod:
    """A pod, typed."""
    return msgspec.convert(data, LivePod)


@pytest.mark.parametrize("kind", CONTROLLERS)
def test_an_owner_creates_by_its_controller(kind: str) -> None:
    """Every kind has a controller, and its workload says what was read."""
    found = of_owner(kind, msgspec.convert(owner("cart", replicas=0), TemplateOwner))
    assert found is not None
    assert (str(found), found.replicas, found.owned) == (f"shop/{kind}/cart", 0, False)
    assert found.creator == controller(CONTROLLERS[kind])


@pytest.mark.parametrize(
    ("replicas", "told"), [(None, ""), (0, "0 replicas, "), (1, "1 replica, "), (2, "2 replicas, ")]
)
def test_replicas_are_counted_in_words(replicas: int | None, told: str) -> None:
    """One is no plural, and where there is no number none is made up."""
    found = made("Deployment", owner("cart", replicas=replicas))
    assert found.circumstances == f"{told}service account shop:default"


def test_a_suspended_cron_job_counts() -> None:
    """It may be resumed at any time."""
    data = cron_job("report")
    data["spec"]["suspend"] = True
    found = of_cron_job(msgspec.convert(data, CronJob))
    assert (str(found), found.creator) == ("shop/CronJob/report", controller("job-controller"))


def test_what_another_object_creates_is_owned() -> None:
    """A ReplicaSet of a Deployment is re-created with it."""
    data = owner("cart-5d4f")
    data["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "cart", "controller": True}]
    found = of_owner("ReplicaSet", msgspec.convert(data, TemplateOwner))
    assert found is not None
    assert found.owned


@pytest.mark.parametrize(
    ("references", "creator"),
    [([], SOMEONE), (CONTROLLED, controller("replicaset-controller"))],
)
def test_the_author_counts_where_nothing_owns(references: list[Any], creator: Identity) -> None:
    """Whoever is said to create pods does not create those of controllers."""
    found = of_pod(live(pod("a", ownerReferences=references)), author=SOMEONE)
    assert found is not None
    assert (found.creator, found.owned) == (creator, bool(references))


def test_a_mirror_pod_is_its_nodes_whoever_the_author_is() -> None:
    """Its owner is the node, which re-creates nothing through the API."""
    annotations = {"kubernetes.io/config.mirror": "1"}
    data = pod("etcd", spec=pod_spec(nodeName="cp"), annotations=annotations, ownerReferences=CONTROLLED)
    found = of_pod(live(data), author=SOMEONE)
    assert found is not None
    assert (found.creator.user, found.service_account, found.owned) == ("system:node:cp", None, False)


def test_a_pod_that_does_not_say_where_it_is() -> None:
    """Nothing is made up for a namespace or a node that a file leaves out."""
    data = pod("a", annotations={"kubernetes.io/config.mirror": "1"})
    del data["metadata"]["namespace"]
    found = of_pod(live(data))
    assert found is not None
    assert (found.namespace, found.pod["metadata"]["namespace"], found.creator.user) == ("", "", "system:node:")


PROJECTED = {"sources": [{"serviceAccountToken": {"path": "token"}}]}
TOKEN = pod_spec(volumes=[{"name": "kube-api-access-x", "projected": PROJECTED}])


@pytest.mark.parametrize(
    ("data", "volumes"),
    [
        pytest.param({**pod("a", spec=TOKEN), "status": {}}, TOKEN["volumes"], id="file"),
        pytest.param(pod("a", spec=TOKEN), [], id="phase"),
        pytest.param({**pod("a", spec=TOKEN, uid="1"), "status": {}}, [], id="uid"),
    ],
)
def test_only_a_server_adds_to_a_pod(data: dict[str, Any], volumes: list[Any]) -> None:
    """A pod in a file is as its author wrote it, whatever its volumes are called."""
    found = of_pod(live(data))
    assert found is not None
    assert found.pod["spec"]["volumes"] == volumes


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"hostPath": {"path": "/"}}, id="a path of the node"),
        pytest.param({"hostPath": {"path": "/"}, "projected": PROJECTED}, id="a path of the node and a token"),
        pytest.param({"csi": {"driver": "a"}, "projected": PROJECTED}, id="a driver and a token"),
        pytest.param({"projected": {"sources": [{"configMap": {"name": "a"}}]}}, id="no token"),
        pytest.param({"projected": {}}, id="nothing"),
    ],
)
@pytest.mark.parametrize("kind", [LivePod, JudgedPod])
def test_a_volume_is_not_the_tokens_by_its_name(kind: type[PodOf[Any]], source: dict[str, Any]) -> None:
    """A running pod's own volume is judged and sent with its mounts, and the token's beside it is not."""
    mounts = [{"name": "kube-api-access-mine"}, {"name": "kube-api-access-x"}]
    spec = pod_spec(
        volumes=[{"name": "kube-api-access-mine", **source}, *TOKEN["volumes"]],
        containers=[{"name": "app", "volumeMounts": mounts}],
    )
    found = of_pod(msgspec.convert(pod("a", spec=spec, uid="1"), kind))
    assert found is not None
    kept = msgspec.json.decode(msgspec.json.encode(found.pod["spec"]))
    assert kept["volumes"] == [{"name": "kube-api-access-mine", **source}]
    assert kept["containers"][0]["volumeMounts"] == mounts[:1]


def test_a_second_volume_of_the_tokens_name_is_judged() -> None:
    """A file may have both, and a server refuses it."""
    spec = pod_spec(volumes=[*TOKEN["volumes"], {"name": "kube-api-access-x", "hostPath": {"path": "/"}}])
    found = of_pod(live(pod("a", spec=spec)))
    assert found is not None
    assert [set(volume) for volume in found.pod["spec"]["volumes"]] == [{"name", "hostPath"}]


def test_null_for_a_text_is_an_empty_one() -> None:
    """Templates leave annotations without a value, and the API server takes them so."""
    data = owner("a")
    data["spec"]["template"]["metadata"] = {"annotations": {"a": None}, "labels": {"b": None}}
    assert made("Deployment", data).pod == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "a-", "namespace": "shop", "labels": {"b": ""}, "annotations": {"a": ""}},
        "spec": pod_spec(),
    }


def test_nothing_is_made_up_for_an_owner_without_names() -> None:
    """A file may leave out the namespace, and a server completes the name."""
    data = owner("a")
    data["metadata"] = {}
    found = made("Deployment", data)
    assert (found.namespace, found.name, found.pod["metadata"]["namespace"]) == ("", "", "")


def test_claims_take_the_place_of_volumes() -> None:
    """A StatefulSet's controller replaces the volumes that are called as its claims, and leaves the others."""
    volumes = [{"name": "data", "emptyDir": {}}, {"name": "tmp", "emptyDir": {}}]
    data = owner("db", spec=pod_spec(volumes=volumes))
    data["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    found = made("StatefulSet", data).pod
    assert found["spec"]["volumes"] == [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}},
        volumes[1],
    ]
    assert found["metadata"]["labels"] == {"app": "db"}


@pytest.mark.parametrize(
    ("spec", "annotations", "count"),
    [
        pytest.param({}, {}, 1, id="nothing"),
        pytest.param({}, {"a": "b"}, 2, id="an annotation"),
        pytest.param({"hostPID": True}, {}, 2, id="the spec"),
        pytest.param({"affinity": {"nodeAffinity": {}}}, {}, 1, id="where they are scheduled"),
    ],
)
def test_what_makes_pods_differ(spec: dict[str, Any], annotations: dict[str, str], count: int) -> None:
    """Pods that differ in what a plugin may look at are listed each."""
    other = owner("other", spec=pod_spec(**spec))
    other["spec"]["template"]["metadata"]["annotations"] = annotations
    other["spec"]["template"]["metadata"]["labels"] = owner("cart")["spec"]["template"]["metadata"]["labels"]
    assert len(distinct([made("Deployment", owner("cart")), made("Deployment", other)])) == count


def test_the_order_of_fields_makes_no_difference() -> None:
    """A file may have them in any."""
    spec = pod_spec(hostPID=True, hostIPC=True)
    turned = dict(reversed(spec.items()))
    found = [made("Deployment", owner("cart", spec=each)) for each in (spec, turned)]
    assert len(distinct(found)) == 1


def test_equal_pods_are_one_in_whatever_order() -> None:
    """They come sorted, by the first that was given."""
    found = [of_owner("Deployment", msgspec.convert(owner(name), TemplateOwner)) for name in ("b", "a", "b")]
    assert [each.name for each in distinct(each for each in found if each)] == ["a", "b"]

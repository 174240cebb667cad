"""What is listed of equal workloads, and what is kept of the others."""

from __future__ import annotations

import gc
import tracemalloc
from itertools import permutations
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.workloads import controller
from tests.unit.support.objects import mirror_pod, owner, pod, pod_spec

CONTROLLED = [{"kind": "ReplicaSet", "name": "cart-1", "controller": True}]


def document(data: dict[str, Any], kind: str = "Pod", where: str = "") -> Document:
    """The object as it was read."""
    version = "v1" if kind == "Pod" else "apps/v1"
    return Document(where=where or data["metadata"]["name"], data={"apiVersion": version, "kind": kind, **data})


def owned(name: str, **more: Any) -> Document:
    """A pod of a ReplicaSet."""
    return document(pod(name, ownerReferences=CONTROLLED, **more))


def listed(*documents: Document) -> list[str]:
    """The names of what a report lists."""
    gathering = Gathering(namespace="shop", author=None, templates={})
    for each in documents:
        gathering.add(each)
    report = gathering.report()
    assert report.counts.repeated == len(documents) - len(report.workloads)
    return [judged.workload.name for judged in report.workloads]


def test_of_owned_ones_the_first_is_listed() -> None:
    """By name, and not by when it came."""
    assert listed(owned("c"), owned("a"), owned("b")) == ["a"]
    assert listed(owned("a"), owned("b"), owned("c", spec=pod_spec(hostPID=True))) == ["a", "c"]


def test_of_two_of_a_name_the_first_place_counts() -> None:
    """As people count: 2 before 10."""
    data = pod("a", ownerReferences=CONTROLLED)
    gathering = Gathering(namespace="shop", author=None, templates={})
    for index in (10, 2, 3):
        gathering.add(document(data, where=f"x[{index}]"))
    assert [judged.where for judged in gathering.report().workloads] == ["x[2]"]


def read(data: dict[str, Any], kind: str) -> Document:
    """The object as a server lists it: JSON still."""
    version = "v1" if kind == "Pod" else "apps/v1"
    return Document.of_json(data["metadata"]["name"], version, kind, msgspec.Raw(msgspec.json.encode(data)))


def test_what_is_listed_exists_whatever_the_order() -> None:
    """Of an owned Deployment and pods that put its question, in every order, one is listed as it was read."""
    above = owner("m", replicas=3)
    above["metadata"]["ownerReferences"] = [{"kind": "Web", "name": "web", "controller": True}]
    other = owner("z")
    other["metadata"]["ownerReferences"] = CONTROLLED
    spec = pod_spec(containers=[{"name": "app", "image": "app", "volumeMounts": []}], volumes=[])
    pods = [pod(name, spec=spec, uid=name, ownerReferences=CONTROLLED) for name in ("a-1", "a-2", "x-1")]
    given = [read(above, "Deployment"), read(other, "ReplicaSet"), *(read(each, "Pod") for each in pods)]
    for order in (order for count in range(1, len(given) + 1) for order in permutations(given, count)):
        gathering = Gathering(namespace="shop", author=None, templates={})
        for each in order:
            gathering.add(each)
        (judged,) = gathering.report().workloads
        assert (judged.workload.kind, judged.where) == min((each.kind, each.where) for each in order)
        replicas = 3 if judged.workload.kind == "Deployment" else None
        assert (judged.workload.name, judged.workload.replicas) == (judged.where, replicas)


def test_of_two_replicas_of_a_name_the_first_place_counts() -> None:
    """As for pods that are looked into."""
    spec = pod_spec(containers=[{"name": "app", "image": "app", "volumeMounts": []}], volumes=[])
    text = msgspec.Raw(msgspec.json.encode(pod("a", spec=spec, uid="a", ownerReferences=CONTROLLED)))
    gathering = Gathering(namespace="shop", author=None, templates={})
    for index in (10, 2, 3):
        gathering.add(Document.of_json(f"x[{index}]", "v1", "Pod", text))
    assert [judged.where for judged in gathering.report().workloads] == ["x[2]"]


def test_what_nobody_owns_stands_for_what_it_owns() -> None:
    """Whichever comes first."""
    template = document(owner("cart"), "Deployment")
    for order in ([owned("a"), template], [template, owned("a")]):
        assert listed(*order) == ["cart"]


def test_what_nobody_owns_is_listed_each() -> None:
    """Equal or not, somebody made it by its name."""
    assert listed(document(pod("b")), document(pod("a")), document(owner("cart"), "Deployment")) == ["cart", "a", "b"]


@pytest.mark.parametrize(
    ("key", "count"),
    [
        ("cni.projectcalico.org/podIP", 1),
        ("batch.kubernetes.io/job-completion-index", 1),
        ("container.apparmor.security.beta.kubernetes.io/app", 2),
        ("container.seccomp.security.alpha.kubernetes.io/app", 2),
        ("seccomp.security.alpha.kubernetes.io/pod", 2),
    ],
)
def test_only_annotations_that_policies_read_tell_pods_apart(key: str, count: int) -> None:
    """Networks write the address of every pod into one of its own."""
    assert len(listed(owned("a", annotations={key: "1"}), owned("b", annotations={key: "2"}))) == count


def test_pods_of_a_stateful_set_are_like_its_template() -> None:
    """Its controller puts a volume for each claim before those of the template (v1.24.17)."""
    claims = [{"metadata": {"name": "data"}, "spec": {}}]
    template = owner("db", spec=pod_spec(volumes=[{"name": "tmp", "emptyDir": {}}]))
    template["spec"]["volumeClaimTemplates"] = claims
    volumes = [
        {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-3"}},
        {"name": "tmp", "emptyDir": {}},
        {"name": "kube-api-access-x7x2p", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
    ]
    reference = [{"kind": "StatefulSet", "name": "db", "controller": True}]
    replica = document(pod("db-3", spec=pod_spec(volumes=volumes), ownerReferences=reference))
    assert listed(replica, document(template, "StatefulSet")) == ["db"]


def test_pods_of_one_owner_cost_no_memory() -> None:
    """A thousand more of them leave less than a byte each behind."""
    gathering = Gathering(namespace="shop", author=None, templates={})

    def kept(first: int, last: int) -> int:
        tracemalloc.start()
        for index in range(first, last):
            gathering.add(owned(f"pod-{index:05d}", labels={"a": str(index)}))
        gc.collect()
        size = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return size

    kept(0, 10)
    assert kept(10, 1010) < 1000


def kept(*documents: Document) -> list[Any]:
    """What a report lists, with all that is said of it."""
    gathering = Gathering(namespace="shop", author=None, templates={})
    for each in documents:
        gathering.add(each)
    return list(gathering.report().workloads)


def test_what_a_row_says_of_a_workload() -> None:
    """Account, creator, owner and the beginning of its pods' names."""
    (of_owner,) = kept(owned("a", generateName="cart-1-", spec=pod_spec(serviceAccountName="till")))
    assert (of_owner.workload.owned, of_owner.workload.service_account) == (True, "till")
    assert of_owner.workload.creator == controller("replicaset-controller")
    assert of_owner.generate_name == "cart-1-"
    (bare,) = kept(document(pod("b")))
    assert (bare.workload.owned, bare.workload.service_account, bare.generate_name) == (False, "default", "b-")
    (mirror,) = kept(document(mirror_pod("etcd")))
    assert mirror.workload.service_account is None


def test_rows_of_one_name_come_in_the_order_of_their_places() -> None:
    """As people count; what nobody owns is listed each."""
    places = [document(pod("a", spec=pod_spec(hostPID=bool(index % 2))), where=f"x[{index}]") for index in (10, 9, 2)]
    assert [judged.where for judged in kept(*places)] == ["x[2]", "x[9]", "x[10]"]
    two = [document(pod("a"), where=where) for where in ("x[10]", "x[9]")]
    assert [judged.where for judged in kept(*two)] == ["x[9]", "x[10]"]


def test_replicas_are_counted_one_by_one() -> None:
    """However many come, and the first by name and place stands for them."""
    spec = pod_spec(containers=[{"name": "app", "image": "app", "volumeMounts": []}], volumes=[])
    more: dict[str, Any] = {"spec": spec, "ownerReferences": CONTROLLED}
    gathering = Gathering(namespace="shop", author=None, templates={})
    for name in ("d", "c", "b", "a"):
        gathering.add(read(pod(name, uid=name, generateName=f"{name}-of-", **more), "Pod"))
    report = gathering.report()
    assert [(judged.workload.name, judged.generate_name) for judged in report.workloads] == [("a", "a-of-")]
    assert (report.counts.repeated, report.counts.workloads) == (3, 4)


def calling(key: str, host: str) -> dict[str, Any]:
    """A pod's spec with a container that calls somebody there."""
    return {"containers": [{"name": "app", "image": "app", key: {"httpGet": {"host": host}}}]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *((calling(key, "a"), calling(key, "b")) for key in ("livenessProbe", "readinessProbe", "startupProbe")),
        tuple({"containers": [{"name": "app", "lifecycle": {"preStop": {"httpGet": {"host": h}}}}]} for h in "ab"),
        ({"os": {"name": "linux"}}, {"os": {"name": "windows"}}),
        ({"hostUsers": True}, {"hostUsers": False}),
    ],
    ids=["livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "os", "hostUsers"],
)
def test_what_no_policy_reads_tells_no_pods_apart(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Only the standards look at whom a probe calls, at the system and at users of its own."""
    assert listed(owned("a", spec=pod_spec(**one)), owned("b", spec=pod_spec(**other))) == ["a"]

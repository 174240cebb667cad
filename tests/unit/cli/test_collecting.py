"""Layers: what stands for what."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import Raw
from rich.progress import Progress

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.cli.collecting import Collection
from pulumi_pod_security.cli.progress import Working
from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.terminal import deployment


def collected(*layers: list[dict[str, Any]]) -> Collection:
    """A collection that has read the layers."""
    collection = Collection(gathering=Gathering(namespace="shop", author=None, templates={}))
    documents = [
        [Document(where=f"{number}[{index}]", data=data) for index, data in enumerate(layer)]
        for number, layer in enumerate(layers)
    ]
    collection.read(documents, Working(Progress(disable=True)))
    return collection


def named(kind: str, name: str, namespace: str | None = None) -> dict[str, Any]:
    """An object with little more than a name."""
    place = {"namespace": namespace} if namespace else {}
    version = "v1" if kind == "ServiceAccount" else "rbac.authorization.k8s.io/v1"
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **place}}


def test_an_earlier_layer_stands_for_a_later_one() -> None:
    """As if it had been applied over it, without a fault for the two."""
    collection = collected([*grant("default")], [DEFAULT, *grant("default"), PRIVILEGED])
    assert collection.replaced == 2
    assert collection.gathering.report().faults == ()
    assert [policy.name for policy in collection.gathering.policies] == ["default", "privileged"]
    assert len(collection.gathering.rbac.objects.cluster_roles) == 1


def test_within_a_layer_two_of_one_name_are_a_fault() -> None:
    """There the two contradict each other."""
    collection = collected([*grant("default"), *grant("default")])
    assert collection.replaced == 0
    assert len(collection.gathering.report().faults) == 2


def test_a_namespace_that_is_left_out_counts() -> None:
    """A Role without one is that of the default namespace; a ClusterRole has none whatever it says."""
    role: dict[str, Any] = {"rules": []}
    earlier = [{**named("Role", "a"), **role}, {**named("ClusterRole", "b", "x"), **role}]
    later = [
        *({**named("Role", "a", "shop"), **role}, {**named("Role", "a", "other"), **role}),
        {**named("ClusterRole", "b"), **role},
    ]
    assert collected(earlier, later).replaced == 2


def test_workloads_never_stand_for_each_other() -> None:
    """Both are judged."""
    collection = collected([deployment("web")], [deployment("web")])
    assert (collection.replaced, len(collection.gathering.report().workloads)) == (0, 2)


def test_a_policy_that_cannot_be_read_is_a_fault_once() -> None:
    """And is not among the policies."""
    collection = collected([{**DEFAULT, "spec": 7}])
    assert collection.gathering.policies == ()
    assert [fault.path for fault in collection.gathering.report().faults] == ["0[0]: spec"]


def test_an_object_that_cannot_be_read_is_a_fault() -> None:
    """Python reads no integer of so many digits; what is beside the object is judged."""
    role = b'{"metadata": {"name": "a"}, "rules": [], "x": %s}' % (b"1" * 5000)
    broken = Document.of_json("x", "rbac.authorization.k8s.io/v1", "ClusterRole", Raw(role))
    collection = Collection(gathering=Gathering(namespace="shop", author=None, templates={}))
    beside = [Document(where="y", data=deployment("web"))]
    collection.read([[broken], [broken, *beside]], Working(Progress(disable=True)))
    report = collection.gathering.report()
    assert [fault.path for fault in report.faults] == ["x", "x"]
    assert [judged.workload.name for judged in report.workloads] == ["web"]


@pytest.mark.parametrize("kind", ["Role", "ClusterRole", "ServiceAccount", "PodSecurityPolicy"])
def test_kinds_of_other_groups_stand_for_nothing(kind: str) -> None:
    """A custom resource may be called like a kind of Kubernetes'."""
    collection = collected([{**named(kind, "default"), "apiVersion": "iam.example.com/v1"}], [named(kind, "default")])
    assert collection.replaced == 0


def test_a_policy_is_one_in_both_of_its_groups() -> None:
    """An API server serves the same object in each."""
    collection = collected([{**DEFAULT, "apiVersion": "extensions/v1beta1"}], [DEFAULT])
    assert collection.replaced == 1

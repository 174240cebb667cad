"""Pods told by their text: what may differ, and what must not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.replicas import Replica, replica

TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
MOUNT = {"readOnly": True, "mountPath": TOKEN_PATH}


def text(name: str = "web-1-aaaaa", token: str = "aaaaa", node: str = "n1", **more: Any) -> msgspec.Raw:
    """A pod of a ReplicaSet as kube-apiserver lists it."""
    mount = {"name": f"kube-api-access-{token}", "readOnly": True, "mountPath": TOKEN_PATH}
    container = {"name": "app", "image": "app", "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, mount]}
    projected = {"sources": [{"serviceAccountToken": {"path": "token"}}]}
    volumes = [{"name": "tmp", "emptyDir": {}}, {"name": f"kube-api-access-{token}", "projected": projected}]
    metadata = {
        "name": name,
        "generateName": "web-1-",
        "namespace": "shop",
        "uid": name,
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-1", "controller": True}],
        **more.pop("metadata", {}),
    }
    spec = {"volumes": volumes, "containers": [container], "nodeName": node, **more.pop("spec", {})}
    return msgspec.Raw(
        msgspec.json.encode({"metadata": metadata, "spec": spec, "status": {"phase": "Running"}, **more})
    )


def told(found: msgspec.Raw) -> Replica:
    """What is told of a pod that is told by its text."""
    seen = replica(found)
    assert seen is not None
    return seen


def test_names_node_and_token_make_no_difference() -> None:
    """They are the server's."""
    one, other = told(text()), told(text("web-1-bbbbb", "bbbbb", "n2"))
    assert (one.likeness, one.name, other.name, other.generate_name) == (
        other.likeness,
        "web-1-aaaaa",
        "web-1-bbbbb",
        "web-1-",
    )


@pytest.mark.parametrize(
    "more",
    [
        {"spec": {"hostPID": True}},
        {"metadata": {"namespace": "ops"}},
        {"metadata": {"ownerReferences": [{"kind": "Job", "name": "web-1", "controller": True}]}},
        {"metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}}},
        {"metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/app": "unconfined"}}},
    ],
    ids=str,
)
def test_what_policies_read_makes_a_difference(more: dict[str, Any]) -> None:
    """Namespace, creator, annotations and spec."""
    assert told(text()).likeness != told(text(**more)).likeness


def test_what_stands_behind_the_node_makes_a_difference() -> None:
    """To the last field."""
    assert told(text(spec={"hostPID": True, "x": 1})).likeness != told(text(spec={"hostPID": False, "x": 1})).likeness


def test_a_token_that_nothing_mounts_makes_none() -> None:
    """It is as random as any."""
    spec = {"containers": [{"name": "app"}]}
    assert told(text(spec=spec)).likeness == told(text(token="bbbbb", spec=spec)).likeness


def test_what_networks_write_makes_none() -> None:
    """An address for every pod."""
    assert told(text()).likeness == told(text(metadata={"annotations": {"cni.example.com/ip": "10.0.0.1"}})).likeness


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"spec": {"containers": [{"name": "kube-api-access-aaaaa"}]}}, id="container-of-the-tokens-name"),
        pytest.param({"spec": {"x": "kube-api-access-aaaaa"}}, id="text-of-the-tokens-name"),
        pytest.param({"spec": {"x": {"title": "kube-api-access-aaaaa", **MOUNT}}}, id="text-like-a-mount"),
        pytest.param({"token": "a\\"}, id="odd-token"),
        pytest.param({"spec": {"y": {"x": 1, "nodeName": "n"}}}, id="two-nodes"),
        pytest.param({"metadata": {"ownerReferences": []}}, id="nobodys"),
        pytest.param({"metadata": {"uid": None}}, id="not-of-a-server"),
        pytest.param({"metadata": {"deletionTimestamp": "2024-01-01T00:00:00Z"}}, id="being-deleted"),
        pytest.param({"metadata": {"annotations": {"kubernetes.io/config.mirror": "1"}}}, id="mirror"),
        pytest.param({"metadata": {"labels": 3}}, id="labels"),
        pytest.param({"status": {"phase": "Failed"}}, id="over"),
        pytest.param({"status": 7}, id="status"),
    ],
)
def test_anything_else_is_looked_into(more: dict[str, Any]) -> None:
    """Where in doubt, nothing is told by the text."""
    assert replica(text(**more)) is None


def test_pods_with_two_token_volumes_are_looked_into() -> None:
    """Only one of them is the server's."""
    projected = {"sources": [{"serviceAccountToken": {"path": "token"}}]}
    volumes = [{"name": f"kube-api-access-{token}", "projected": projected} for token in ("aaaaa", "bbbbb")]
    assert replica(text(spec={"volumes": volumes})) is None


def test_replicas_are_counted_and_the_first_by_name_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever came first, and however many were between."""
    monkeypatch.setattr("pulumi_pod_security.admission.gathering._REMEMBERED", 1)
    gathering = Gathering(namespace="default", author=None, templates={})
    for number, name in enumerate(("c", "a", "b")):
        for each in (text(name, f"aaaa{number}"), text(f"other-{name}", spec={"hostPID": True})):
            gathering.add(Document.of_json(f"cluster:{number}", "v1", "Pod", each))
    report = gathering.report()
    assert [judged.workload.name for judged in report.workloads] == ["a", "other-a"]
    assert (report.counts.repeated, report.counts.workloads) == (4, 6)
    gathering.add(Document.of_json("cluster:9", "v1", "Pod", text("0")))
    assert [judged.where for judged in gathering.report().workloads] == ["cluster:9", "cluster:1"]

"""Kinds of volumes."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.volumes import CHECKS, CONTROL
from tests.unit.support.controls import a_pod, a_policy, judged, reason
from tests.unit.support.standards import told

_NAMESPACE = {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
_TOKEN = {"serviceAccountToken": {"path": "token"}}
_ROOT = {"configMap": {"name": "kube-root-ca.crt"}}
_DOWNWARD = {"downwardAPI": {"items": [_NAMESPACE]}}
_KINDS = {
    "hostPath": "hostPath",
    "emptyDir": "emptyDir",
    "gcePersistentDisk": "gcePersistentDisk",
    "awsElasticBlockStore": "awsElasticBlockStore",
    "gitRepo": "gitRepo",
    "secret": "secret",
    "nfs": "nfs",
    "iscsi": "iscsi",
    "glusterfs": "glusterfs",
    "persistentVolumeClaim": "persistentVolumeClaim",
    "rbd": "rbd",
    "flexVolume": "flexVolume",
    "cinder": "cinder",
    "cephfs": "cephFS",
    "flocker": "flocker",
    "downwardAPI": "downwardAPI",
    "fc": "fc",
    "azureFile": "azureFile",
    "configMap": "configMap",
    "vsphereVolume": "vsphereVolume",
    "quobyte": "quobyte",
    "azureDisk": "azureDisk",
    "photonPersistentDisk": "photonPersistentDisk",
    "storageos": "storageos",
    "projected": "projected",
    "portworxVolume": "portworxVolume",
    "scaleIO": "scaleIO",
    "csi": "csi",
    "ephemeral": "ephemeral",
}


def _volumes(*sources: dict[str, Any]) -> dict[str, Any]:
    return {"volumes": [{"name": f"v{index}", **source} for index, source in enumerate(sources)]}


def _projected(*sources: dict[str, Any]) -> dict[str, Any]:
    return _volumes({"projected": {"sources": list(sources)}})


def _refusal(kind: str, index: int = 0) -> Reason:
    return reason(f"spec.volumes[{index}]", "Invalid value", f'"{kind}"', f"{kind} volumes are not allowed to be used")


_NO_KINDS: dict[str, dict[str, Any]] = {"left out": {}, "no kinds": {"volumes": []}}

ACCEPTED = [
    *(pytest.param({"volumes": [kind]}, _volumes({name: {}}), id=kind) for name, kind in _KINDS.items()),
    pytest.param({"volumes": ["*"]}, _volumes(*({name: {}} for name in _KINDS)), id="all kinds"),
    pytest.param({"volumes": ["secret", "*"]}, _volumes({"nfs": {}}), id="all kinds, and one by name"),
    pytest.param({}, {}, id="no volumes"),
    pytest.param({"volumes": ["emptyDir"]}, _volumes({}), id="no source is an emptyDir"),
    pytest.param({"volumes": ["hostPath"]}, _volumes({"nfs": {}, "hostPath": {}}), id="the first of two sources"),
    pytest.param({"volumes": ["projected"]}, _projected({"secret": {}}), id="projected, whatever is in it"),
    pytest.param({"volumes": ["secret"]}, _projected(_TOKEN, _ROOT, _DOWNWARD), id="the server's token volume"),
    pytest.param({"volumes": ["secret"]}, _projected(), id="projected, and nothing in it"),
    pytest.param(
        {"volumes": ["secret"]},
        _projected(
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}}
        ),
        id="the namespace, without a version",
    ),
    pytest.param({"volumes": ["secret"]}, _projected({"downwardAPI": {}}), id="the downward API, and nothing of it"),
    pytest.param(
        {"volumes": ["secret"]},
        _projected({"serviceAccountToken": {"path": "token", "audience": ""}}),
        id="no audience",
    ),
]

REFUSED = [
    *(
        pytest.param(
            {"volumes": [other for other in _KINDS.values() if other not in (kind, "secret")]},
            _volumes({name: {}}),
            [_refusal(kind)],
            id=kind,
        )
        for name, kind in _KINDS.items()
    ),
    *(
        pytest.param(asked, _volumes({"emptyDir": {}}), [_refusal("emptyDir")], id=name)
        for name, asked in _NO_KINDS.items()
    ),
    pytest.param(
        {"volumes": ["secret"]},
        _volumes({"secret": {}}, {"nfs": {}}, {}),
        [_refusal("nfs", 1), _refusal("emptyDir", 2)],
        id="the others are counted",
    ),
    pytest.param(
        {"volumes": ["secret"]},
        _volumes({"nfs": {}, "projected": {"sources": [_TOKEN]}}),
        [_refusal("nfs")],
        id="the token volume, with another source first",
    ),
    pytest.param(
        {"volumes": ["emptyDir"]}, _projected(_TOKEN), [_refusal("projected")], id="the token volume without secrets"
    ),
    *(
        pytest.param(
            {"volumes": ["secret"]}, _projected(_TOKEN, _ROOT, _DOWNWARD, source), [_refusal("projected")], id=name
        )
        for name, source in (
            ("another path", {"serviceAccountToken": {"path": "tok"}}),
            ("no path", {"serviceAccountToken": {}}),
            ("an audience", {"serviceAccountToken": {"path": "token", "audience": "vault"}}),
            ("another ConfigMap", {"configMap": {"name": "other"}}),
            ("a Secret", {"secret": {"name": "other"}}),
            ("nothing at all", {}),
            ("another file", {"downwardAPI": {"items": [{**_NAMESPACE, "path": "ns"}]}}),
            (
                "another field",
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            ),
            (
                "another version",
                {
                    "downwardAPI": {
                        "items": [
                            {"path": "namespace", "fieldRef": {"apiVersion": "v2", "fieldPath": "metadata.namespace"}}
                        ]
                    }
                },
            ),
            (
                "a resource",
                {"downwardAPI": {"items": [{"path": "namespace", "resourceFieldRef": {"resource": "limits.cpu"}}]}},
            ),
            ("a second field", {"downwardAPI": {"items": [_NAMESPACE, {**_NAMESPACE, "path": "ns"}]}}),
        )
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A volume of a kind that is listed may be used, and the server's token volume counts as a secret."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A volume of any other kind is named by its place and its kind."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    pytest.param(
        0,
        {
            "volumes": [
                {"name": kind, kind: {}}
                for kind in (
                    *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim"),
                    *("projected", "secret"),
                )
            ]
        },
        {},
        id="the permitted kinds",
    ),
    pytest.param(
        0,
        {"volumes": [{"name": "a", "nfs": {}}]},
        {"restrictedVolumes": 'restricted volume types (volume "a" uses restricted volume type "nfs")'},
        id="one",
    ),
    pytest.param(
        36,
        {"volumes": [{"name": "b", "nfs": {}}, {"name": "a", "cephfs": {}}, {"name": "c", "nfs": {}}]},
        {
            "restrictedVolumes": "restricted volume types "
            '(volumes "b", "a", "c" use restricted volume types "cephfs", "nfs")'
        },
        id="many of two kinds",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each volume of a kind that leaves pod and cluster is named, and each kind once."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

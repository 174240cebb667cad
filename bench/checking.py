"""How long `check` takes for the pods of a large cluster, and how much memory; each file in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import click
import msgspec

from bench.checked import Checked
from bench.machine import load
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.presets import PRESETS
from pulumi_pod_security.policy.subjects import authenticated
from pulumi_pod_security.targets.psp import PspManifests, psp_manifests
from tests.fixtures.psp_pods import random_pod
from tests.fixtures.psp_values import NAMESPACES, Manifest
from tools.scratch import scratch

__all__ = ["check_large_files"]

_GOAL = 200
_SEED = "check"
_HEADING = (
    f"{'pods':>8s} {'alike':>6s}  {'as':10s} {'file':>7s} {'time':>8s} {'pods/s':>7s} "
    f"{'at rest':>8s} {'peak':>8s} {'a pod':>8s} {'goal':>7s} {'ratio':>6s} {'load':>5s}"
)


@dataclass(frozen=True, kw_only=True)
class _Shape:
    """How many pods, how many of them are alike, and whether they are the items of one list, as kubectl writes them."""

    pods: int
    alike: int = 1
    form: str = "list"


# What stands before, between and behind the pods.
_FORMS = {
    "list": (b'{\n    "apiVersion": "v1",\n    "items": [\n', b",\n", b'\n    ],\n    "kind": "List"\n}\n'),
    "documents": (b"", b"\n", b"\n"),
}
_SHAPES = (
    _Shape(pods=10_000),
    _Shape(pods=10_000, alike=10),
    _Shape(pods=10_000, form="documents"),
    _Shape(pods=100_000),
    _Shape(pods=100_000, alike=10),
    _Shape(pods=100_000, form="documents"),
)


def check_large_files() -> None:
    """Print time and memory for files of several sizes."""
    with scratch(Path(tempfile.gettempdir())) as folder:
        rules = folder / "rules.json"
        rules.write_bytes(b"\n".join(map(msgspec.json.encode, _rules())))
        click.echo(_HEADING)
        for shape in _SHAPES:
            file = folder / "pods.json"
            _write(file, shape)
            click.echo(_row(shape, file, load(), _in_a_process(rules, file)))


def _rules() -> PspManifests:
    policies = [preset() for preset in PRESETS.values()]
    grants = [Grant(policy=policy.name, subjects=[authenticated()]) for policy in policies]
    return psp_manifests(policies, grants)


def _in_a_process(*files: Path) -> Checked:
    command = (sys.executable, "-m", Checked.__module__, *map(str, files))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Checked)


def _row(shape: _Shape, file: Path, before: str, found: Checked) -> str:
    what = f"{shape.pods:8d} {shape.alike:6d}  {shape.form:10s} {file.stat().st_size / 1e6:4.0f} MB"
    if found.fault:
        return f"{what} not judged: {found.fault}"
    kept = (found.peak - found.at_rest) * 1024 / shape.pods
    return (
        f"{what} {found.seconds:6.1f} s {shape.pods / found.seconds:7.0f} {found.at_rest:5.0f} MB {found.peak:5.0f} MB "
        f"{kept:5.1f} kB {_GOAL:4d} MB {found.peak / _GOAL:6.2f} {before:>5s}"
    )


def _write(file: Path, shape: _Shape) -> None:
    """The pods with the four columns that `kubectl get --output=json` indents by; never all of them in memory."""
    before, between, behind = _FORMS[shape.form]
    with file.open("wb") as stream:
        stream.write(before)
        for index, pod in enumerate(_pods(shape)):
            stream.write(between if index else b"")
            stream.write(msgspec.json.format(msgspec.json.encode(pod), indent=4))
        stream.write(behind)


def _pods(shape: _Shape) -> Iterator[Manifest]:
    rng = Random(_SEED)
    for index in range(0, shape.pods, shape.alike):
        template = random_pod(rng)
        for replica in range(shape.alike):
            yield _live(template, f"web-{index}", f"{replica:05x}", NAMESPACES[index % len(NAMESPACES)])


def _live(template: Manifest, owner: str, suffix: str, namespace: str) -> Manifest:
    """The pod as a server gives it back, with an owner and the status of a pod that runs."""
    reference = {"apiVersion": "apps/v1", "controller": True, "kind": "ReplicaSet", "name": owner, "uid": _UID}
    metadata = {
        **template["metadata"],
        "creationTimestamp": _TIME,
        "generateName": f"{owner}-",
        "name": f"{owner}-{suffix}",
        "namespace": namespace,
        "ownerReferences": [{**reference, "blockOwnerDeletion": True}],
        "resourceVersion": "123456",
        "uid": _UID,
    }
    filled = [{**each, **_CONTAINER} for each in template["spec"]["containers"]]
    spec = {**template["spec"], **_SPEC, "containers": filled}
    statuses = [{**_CONTAINER_STATUS, "name": each["name"], "image": each["image"]} for each in filled]
    status = {"phase": "Running", **_STATUS, "containerStatuses": statuses}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


_UID = "7d4b1f9c-6a0e-4f0b-9c55-3f1d2b8e7a60"
_TIME = "2024-01-01T00:00:00Z"
_PROBE = {"httpGet": {"path": "/healthz", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 1}
_CONTAINER: Manifest = {
    "env": [{"name": name, "value": "a value of some length"} for name in ("LEVEL", "REGION", "TARGET")],
    "imagePullPolicy": "IfNotPresent",
    "livenessProbe": _PROBE,
    "readinessProbe": _PROBE,
    "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_SPEC: Manifest = {
    "dnsPolicy": "ClusterFirst",
    "enableServiceLinks": True,
    "nodeName": "worker-1",
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": 30,
    "tolerations": [
        {"effect": "NoExecute", "key": f"node.kubernetes.io/{key}", "operator": "Exists", "tolerationSeconds": 300}
        for key in ("not-ready", "unreachable")
    ],
}
_CONDITIONS = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
_STATUS: Manifest = {
    "conditions": [
        {"lastProbeTime": None, "lastTransitionTime": _TIME, "status": "True", "type": name} for name in _CONDITIONS
    ],
    "hostIP": "192.0.2.1",
    "podIP": "192.0.2.2",
    "podIPs": [{"ip": "192.0.2.2"}],
    "qosClass": "Burstable",
    "startTime": _TIME,
}
_CONTAINER_STATUS: Manifest = {
    "containerID": f"containerd://{'0' * 64}",
    "imageID": f"registry.example.com/web@sha256:{'0' * 64}",
    "lastState": {},
    "ready": True,
    "restartCount": 0,
    "started": True,
    "state": {"running": {"startedAt": _TIME}},
}

"""Defaults and exemptions of Pod Security, as real API servers read them from the file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import Asker, Question, Reply
from tools.controlplane import ControlPlane, LoneServer

pytestmark = pytest.mark.integration

LABEL = "pod-security.kubernetes.io/enforce"
# Names that a reader of YAML 1.1 would take for a number and a truth.
NAMESPACES = ("exempt", "1e3", "yes")
CONFIGURATION = PodSecurityConfiguration(
    defaults=PodSecurityDefaults(enforce=Standard(level="baseline", version="v1.24")),
    exemptions=PodSecurityExemptions(usernames=("builder",), namespaces=NAMESPACES, runtime_classes=("sandboxed",)),
)
PRIVILEGED: dict[str, Any] = {"hostPID": True, "containers": [{"name": "c", "image": "c"}]}
PLAIN: dict[str, Any] = {"containers": [{"name": "c", "image": "c"}]}


def written(folder: Path, minor: int) -> str:
    """The file for that server, and its path."""
    path = folder / "admission.yaml"
    path.write_text(json.dumps(CONFIGURATION.admission_configuration(minor)))
    return str(path)


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Asker]:
    """An API server of 1.36 that was given a v1 file."""
    flags = {"admission-control-config-file": written(tmp_path, 36)}
    server = LoneServer(tmp_path / "server", "1.36.3", flags)
    try:
        server.start(owner=os.getpid())
        yield Asker(server)
    finally:
        server.destroy()


@pytest.fixture
def oldest(tmp_path: Path, control_plane: ControlPlane) -> Iterator[Asker]:
    """A cluster of 1.24 that was given a v1beta1 file."""
    control_plane.restart_api_server({"admission-control-config-file": written(tmp_path, 24)})
    try:
        yield Asker(control_plane)
    finally:
        control_plane.reset()


@pytest.mark.parametrize("server", ["newest", "oldest"])
def test_defaults_and_exemptions(server: str, request: pytest.FixtureRequest) -> None:
    """What has no label is judged by the default, unless it is exempt; a label is stronger, in both directions."""
    asker: Asker = request.getfixturevalue(server)
    furnish(asker)
    refusal = 'pods "tried" is forbidden: violates PodSecurity "baseline:v1.24": host namespaces (hostPID=true)'
    assert said(asker, "plain", PRIVILEGED) == refusal
    assert said(asker, "plain", PLAIN) is None
    assert {name: said(asker, name, PRIVILEGED) for name in NAMESPACES} == dict.fromkeys(NAMESPACES)
    assert said(asker, "plain", PRIVILEGED, user="builder") is None
    assert said(asker, "plain", PRIVILEGED, user="other") == refusal
    assert said(asker, "plain", {**PRIVILEGED, "runtimeClassName": "sandboxed"}) is None
    assert said(asker, "plain", {**PRIVILEGED, "runtimeClassName": "other"}) == refusal
    assert said(asker, "loose", PRIVILEGED) is None
    # A label without a version has the default's.
    assert 'violates PodSecurity "restricted:v1.24": ' in (said(asker, "strict", PLAIN) or "")


def furnish(asker: Asker) -> None:
    """Namespaces with and without labels, in which pods can be tried, and runtime classes."""
    labels: dict[str, dict[str, str]] = {
        **{name: {} for name in ("plain", *NAMESPACES)},
        "loose": {LABEL: "privileged"},
        "strict": {LABEL: "restricted"},
    }
    asker.make(
        *(post("/api/v1/namespaces", {"metadata": {"name": name, "labels": each}}) for name, each in labels.items())
    )
    asker.make(
        *(
            post("/apis/node.k8s.io/v1/runtimeclasses", {"metadata": {"name": name}, "handler": "h"})
            for name in ("sandboxed", "other")
        )
    )
    # The accounts of new namespaces take controllers a moment, and the labels and classes an informer.
    eventually(lambda: said(asker, "plain", {**PLAIN, "runtimeClassName": "other"}) is None)
    eventually(lambda: all(tried(asker, name, PLAIN).code == 201 for name in ("loose", *NAMESPACES)))
    eventually(lambda: "violates" in (said(asker, "strict", PLAIN) or ""))


def post(path: str, body: dict[str, Any], identity: Identity | None = None) -> Question:
    """A question that makes something."""
    return Question(method="POST", path=path, body=body, identity=identity)


def tried(asker: Asker, namespace: str, spec: dict[str, Any], user: str | None = None) -> Reply:
    """A pod, tried without storing it; everybody may."""
    identity = user and Identity(user=user, groups=frozenset({"system:masters"}))
    pod = {"metadata": {"name": "tried"}, "spec": spec}
    return asker.ask(post(f"/api/v1/namespaces/{namespace}/pods?dryRun=All", pod, identity or None))


def said(asker: Asker, namespace: str, spec: dict[str, Any], user: str | None = None) -> str | None:
    """What is said against the pod; None when it is admitted."""
    reply = tried(asker, namespace, spec, user)
    return None if reply.code == 201 else str(reply.content["message"])

"""Seccomp profiles."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.seccomp import CHECKS, CONTROL
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written
from tests.unit.support.standards import told

_KEY = "seccomp.security.alpha.kubernetes.io/"
_POD_KEY = f"{_KEY}pod"
_MAIN_KEY = f"container.{_KEY}main"
_NOT_SET = "seccomp may not be set"


def _allowed(names: str) -> dict[str, Any]:
    return {"annotations": {f"{_KEY}allowedProfileNames": names}}


def _given(name: str) -> dict[str, Any]:
    return {"annotations": {f"{_KEY}defaultProfileName": name}}


def _annotated(pod: str, **containers: str) -> dict[str, Any]:
    return {"annotations": {_POD_KEY: pod, **{f"container.{_KEY}{name}": each for name, each in containers.items()}}}


def _field(profile: str, local: str | None = None) -> dict[str, Any]:
    return {"securityContext": {"seccompProfile": {"type": profile, "localhostProfile": local}}}


def _container_field(profile: str, local: str | None = None) -> dict[str, Any]:
    return {"containers": [a_container(seccompProfile={"type": profile, "localhostProfile": local})]}


def _refusal(key: str, detail: str) -> Reason:
    return reason(f"pod.metadata.annotations[{key}]", "Forbidden", None, detail)


def _not_listed(profile: str, names: str, *keys: str) -> list[Reason]:
    detail = f"{profile} is not an allowed seccomp profile. Valid values are {names}"
    return [_refusal(key, detail) for key in keys or (_POD_KEY, _MAIN_KEY)]


ACCEPTED = [
    pytest.param({}, {}, id="nothing asked, nothing named"),
    pytest.param(_given("unconfined"), {}, id="one to give, and none named"),
    pytest.param(_allowed("*"), _annotated("unconfined", main="localhost/x"), id="all"),
    pytest.param(_allowed("unconfined,*"), _field("RuntimeDefault"), id="all, and one by name"),
    pytest.param(_allowed("*"), {}, id="all, and none named"),
    pytest.param(_allowed("localhost/a,unconfined"), _annotated("unconfined", main="localhost/a"), id="listed"),
    pytest.param(_allowed("localhost/a"), _field("Localhost", "a"), id="listed, as a field"),
    pytest.param(_allowed("unconfined"), _field("Unconfined"), id="unconfined, as a field"),
    pytest.param(_allowed("docker/default"), _annotated("runtime/default"), id="runtime for docker"),
    pytest.param(_allowed("runtime/default"), _annotated("docker/default"), id="docker for runtime"),
    pytest.param(_allowed("docker/default"), _field("RuntimeDefault"), id="the field for docker"),
    pytest.param(_allowed(""), {}, id="an empty list, and none named"),
    pytest.param(
        _allowed("unconfined"),
        {**_annotated("unconfined", main="localhost/a"), **_container_field("Unconfined")},
        id="a container's field before its annotation",
    ),
    pytest.param(
        _allowed("unconfined"), {**_annotated(""), **_field("Unconfined")}, id="the pod's field for an empty annotation"
    ),
]

REFUSED = [
    pytest.param({}, _annotated("x"), [_refusal(key, _NOT_SET) for key in (_POD_KEY, _MAIN_KEY)], id="left out"),
    pytest.param(
        {}, _field("RuntimeDefault"), [_refusal(key, _NOT_SET) for key in (_POD_KEY, _MAIN_KEY)], id="left out, a field"
    ),
    pytest.param({}, _container_field("Unconfined"), [_refusal(_MAIN_KEY, _NOT_SET)], id="left out, a container"),
    pytest.param(_allowed("unconfined"), {}, _not_listed("", "unconfined"), id="none named"),
    pytest.param(_allowed(""), _annotated("x"), _not_listed("x", ""), id="an empty list"),
    pytest.param(
        _allowed("unconfined,localhost/a"), _annotated("x"), _not_listed("x", "unconfined,localhost/a"), id="not listed"
    ),
    pytest.param(
        _allowed("localhost/a"), _field("Localhost", "b"), _not_listed("localhost/b", "localhost/a"), id="local"
    ),
    pytest.param(
        _allowed("localhost/a"), _field("Localhost"), _not_listed("", "localhost/a"), id="a field that is none"
    ),
    pytest.param(_allowed("unconfined"), _field("Other"), _not_listed("", "unconfined"), id="a field of another type"),
    pytest.param(
        _allowed("unconfined"), _annotated("docker/default"), _not_listed("docker/default", "unconfined"), id="docker"
    ),
    pytest.param(
        _allowed("unconfined"),
        {**_annotated("unconfined", main="x")},
        _not_listed("x", "unconfined", _MAIN_KEY),
        id="a container's annotation",
    ),
    pytest.param(
        _allowed("unconfined"),
        {**_annotated("unconfined", main="unconfined"), **_container_field("RuntimeDefault")},
        _not_listed("runtime/default", "unconfined", _MAIN_KEY),
        id="a container's field",
    ),
    pytest.param(
        _allowed("unconfined"),
        {**_annotated("unconfined"), **_field("RuntimeDefault")},
        _not_listed("runtime/default", "unconfined", _MAIN_KEY),
        id="a pod with both: containers have its field",
    ),
]

WRITTEN = [
    pytest.param({}, {}, {}, id="nothing to give"),
    pytest.param(_given("unconfined"), {}, {f"metadata.annotations.{_POD_KEY}": "unconfined"}, id="the policy's"),
    pytest.param(_given("unconfined"), _annotated("x"), {}, id="the pod has one"),
    pytest.param(
        _given("localhost/x"),
        _annotated(""),
        {f"metadata.annotations.{_POD_KEY}": "localhost/x"},
        id="an empty annotation is none",
    ),
    pytest.param({}, _field("Localhost"), {}, id="a field that is none"),
    pytest.param(_given("unconfined"), _field("Localhost"), {}, id="a field that is none, and one to give"),
    *(
        pytest.param(
            _given("localhost/other"), _field(*field), {f"metadata.annotations.{_POD_KEY}": text}, id=f"{text}, a field"
        )
        for field, text in (
            (("RuntimeDefault",), "runtime/default"),
            (("Unconfined",), "unconfined"),
            (("Localhost", "a/b"), "localhost/a/b"),
        )
    ),
    pytest.param({}, _container_field("Unconfined"), {}, id="a container's field is left to the server"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A profile that is listed may be named, as an annotation or as a field; docker/default is runtime/default."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """The pod's profile is named, and every container's, at the place of the annotation."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """The pod's profile is written as an annotation, by every policy, else the policy's."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values


STANDARDS = [
    pytest.param(
        18,
        {
            "annotations": {_POD_KEY: "runtime/default", f"container.{_KEY}main": "localhost/x"},
            "securityContext": {"seccompProfile": {"type": "Unconfined"}},
        },
        {},
        id="annotations up to 1.18",
    ),
    pytest.param(
        0,
        {"annotations": {f"container.{_KEY}main": "docker/default", f"container.{_KEY}other": "unconfined"}},
        {},
        id="an annotation for a container that there is not",
    ),
    pytest.param(
        18,
        {"annotations": {_POD_KEY: "unconfined"}},
        {
            "seccompProfile_baseline": "seccompProfile "
            '(forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")'
        },
        id="an annotation",
    ),
    pytest.param(
        18,
        {
            "annotations": {_POD_KEY: "", f"container.{_KEY}main": "unconfined"},
        },
        {
            "seccompProfile_baseline": "seccompProfile "
            '(forbidden annotations container.seccomp.security.alpha.kubernetes.io/main="unconfined", '
            'seccomp.security.alpha.kubernetes.io/pod="")'
        },
        id="many annotations",
    ),
    pytest.param(
        19,
        {
            "annotations": {_POD_KEY: "unconfined"},
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [a_container(seccompProfile={"type": "Localhost"}), {"name": "b"}],
        },
        {},
        id="fields from 1.19 on",
    ),
    pytest.param(
        19,
        {
            "securityContext": {"seccompProfile": {"type": "Unconfined"}},
            "containers": [a_container(seccompProfile={}), {"name": "b"}],
        },
        dict.fromkeys(
            ("seccompProfile_baseline", "seccompProfile_restricted"),
            'seccompProfile (pod and container "main" must not set securityContext.seccompProfile.type to '
            '"", "Unconfined")',
        ),
        id="fields that loosen",
    ),
    pytest.param(
        19,
        {"containers": [a_container(seccompProfile={"type": "Localhost"}), {"name": "b"}, {"name": "c"}]},
        {
            "seccompProfile_restricted": 'seccompProfile (pod or containers "b", "c" must set '
            'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
        },
        id="none",
    ),
    pytest.param(
        19, {"containers": [a_container(seccompProfile={"type": "Localhost"})]}, {}, id="every container has one"
    ),
    pytest.param(
        24,
        {"os": {"name": "windows"}},
        {
            "seccompProfile_restricted": 'seccompProfile (pod or container "main" must set '
            'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
        },
        id="Windows up to 1.24",
    ),
    pytest.param(25, {"os": {"name": "windows"}}, {}, id="Windows from 1.25 on"),
    pytest.param(
        25,
        {"os": {"name": "linux"}},
        {
            "seccompProfile_restricted": 'seccompProfile (pod or container "main" must set '
            'securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'
        },
        id="Linux from 1.25 on",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Profiles that loosen are refused, by annotation and then by field, and in restricted having none."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

"""AppArmor profiles."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.app_armor import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written
from tests.unit.support.standards import told

_KEY = "apparmor.security.beta.kubernetes.io/"


def _asked(allowed: str | None = None, default: str | None = None) -> dict[str, Any]:
    found = {f"{_KEY}allowedProfileNames": allowed, f"{_KEY}defaultProfileName": default}
    return {"annotations": {key: value for key, value in found.items() if value is not None}}


def _pod(**profiles: str) -> dict[str, Any]:
    return {
        "annotations": {f"container.{_KEY}{name}": profile for name, profile in profiles.items()},
        "containers": [{"name": "main"}],
        "initContainers": [{"name": "init"}],
    }


def _refusal(name: str, detail: str) -> Reason:
    return reason(f"pod.metadata.annotations[container.{_KEY}{name}]", "Forbidden", None, detail)


_UNSET = "AppArmor profile must be set"

ACCEPTED = [
    pytest.param({}, _pod(main="localhost/x"), id="nothing asked"),
    pytest.param(_asked(default="unconfined"), _pod(main="localhost/x"), id="one to give"),
    pytest.param(_asked("runtime/default,localhost/x"), _pod(main="localhost/x", init="runtime/default"), id="listed"),
]

REFUSED = [
    pytest.param(_asked("unconfined"), _pod(), [_refusal("init", _UNSET), _refusal("main", _UNSET)], id="none named"),
    pytest.param(
        _asked(""),
        _pod(main="x", init=""),
        [_refusal("init", _UNSET), _refusal("main", 'x is not an allowed profile. Allowed values: ""')],
        id="an empty list",
    ),
    pytest.param(
        _asked("unconfined,localhost/x"),
        _pod(main="runtime/default", init="localhost/x"),
        [_refusal("main", 'runtime/default is not an allowed profile. Allowed values: "unconfined,localhost/x"')],
        id="not listed",
    ),
]

WRITTEN = [
    pytest.param({}, _pod(), {}, id="nothing asked"),
    pytest.param(_asked("unconfined"), _pod(), {}, id="nothing to give"),
    pytest.param(_asked(default=""), _pod(), {}, id="an empty one to give"),
    pytest.param(
        _asked(default="unconfined"),
        _pod(main="", init="localhost/x"),
        {f"metadata.annotations.container.{_KEY}main": "unconfined"},
        id="each container without one",
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """Every profile may be named without a list, and those that it lists with one."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A container whose profile is not listed, or who has none, is named."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A container without a profile gets the policy's."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values


STANDARDS = [
    pytest.param(
        0,
        {
            "annotations": {
                f"container.{_KEY}main": "runtime/default",
                f"container.{_KEY}b": "localhost/x",
                f"container.{_KEY}c": "",
                "example.com/a": "unconfined",
            },
            "securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}},
            "containers": [a_container(appArmorProfile={"type": "Localhost"})],
        },
        {},
        id="none that loosens",
    ),
    pytest.param(
        36,
        {"annotations": {f"container.{_KEY}main": "unconfined"}},
        {
            "appArmorProfile": "forbidden AppArmor profile (annotation must not set AppArmor profile type to "
            '"container.apparmor.security.beta.kubernetes.io/main="unconfined"")'
        },
        id="an annotation",
    ),
    pytest.param(
        0,
        {
            "annotations": {f"container.{_KEY}b": "z", f"container.{_KEY}a": "unconfined"},
            "securityContext": {"appArmorProfile": {"type": "Unconfined"}},
            "containers": [a_container(appArmorProfile={}), a_container("b", appArmorProfile={"type": "Unconfined"})],
        },
        {
            "appArmorProfile": 'forbidden AppArmor profiles (pod and containers "main", "b" and annotations must not '
            'set AppArmor profile type to "", "Unconfined", '
            '"container.apparmor.security.beta.kubernetes.io/a="unconfined"", '
            '"container.apparmor.security.beta.kubernetes.io/b="z"")'
        },
        id="everything",
    ),
    pytest.param(
        0,
        {"containers": [a_container(appArmorProfile={"type": "Unconfined"})]},
        {
            "appArmorProfile": "forbidden AppArmor profile "
            '(container "main" must not set AppArmor profile type to "Unconfined")'
        },
        id="a field",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Profiles that loosen are refused, by field and by annotation."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

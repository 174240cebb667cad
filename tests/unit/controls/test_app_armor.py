"""AppArmor profiles."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.app_armor import CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_pod, a_policy, judged, reason, written

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

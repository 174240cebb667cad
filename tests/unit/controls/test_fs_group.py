"""The groups in `fsGroup`."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.fs_group import CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_pod, a_policy, judged, reason, written

_RANGES = [{"min": 10, "max": 20}, {"min": 5, "max": 5}]
_MUST = {"fsGroup": {"rule": "MustRunAs", "ranges": _RANGES}}
_MAY = {"fsGroup": {"rule": "MayRunAs", "ranges": _RANGES}}
_PATH = "spec.securityContext.fsGroup"


def _pod(value: int) -> dict[str, Any]:
    return {"securityContext": {"fsGroup": value}}


def _outside(group: int) -> Reason:
    detail = f"group {group} must be in the ranges: [{{10 20}} {{5 5}}]"
    printed = str(group)
    return reason(_PATH, "Invalid value", f"[]int64{{{printed}}}", detail)


def _empty(printed: str) -> Reason:
    return reason(_PATH, "Invalid value", printed, "unable to validate empty groups against required ranges")


ACCEPTED = [
    pytest.param({}, _pod(0), id="any"),
    *(pytest.param(_MUST, _pod(gid), id=f"must, {gid}") for gid in (5, 10, 20)),
    *(pytest.param(_MAY, _pod(gid), id=f"may, {gid}") for gid in (5, 10, 20)),
    pytest.param(_MAY, {}, id="may, none"),
]

REFUSED = [
    *(pytest.param(_MUST, _pod(gid), [_outside(gid)], id=f"must, {gid}") for gid in (0, 6, 21)),
    *(pytest.param(_MAY, _pod(gid), [_outside(gid)], id=f"may, {gid}") for gid in (0, 6, 21)),
    pytest.param(_MUST, {}, [_empty("[]int64(nil)")], id="must, none"),
]

WRITTEN = [
    pytest.param({}, {}, {}, id="any"),
    pytest.param(_MAY, {}, {}, id="may"),
    pytest.param(_MUST, {}, {"spec.securityContext.fsGroup": 10}, id="the first range's minimum"),
    pytest.param(_MUST, _pod(0), {}, id="a group outside is left alone"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A group in a range may be used, and none where it only may be there."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A group outside is named."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A pod without one gets the first range's minimum."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values

"""The groups in `supplementalGroups`."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.supplemental_groups import CONTROL
from tests.unit.support.controls import a_pod, a_policy, judged, reason, written

_RANGES = [{"min": 10, "max": 20}, {"min": 5, "max": 5}]
_MUST = {"supplementalGroups": {"rule": "MustRunAs", "ranges": _RANGES}}
_MAY = {"supplementalGroups": {"rule": "MayRunAs", "ranges": _RANGES}}
_PATH = "spec.securityContext.supplementalGroups"


def _pod(value: list[int]) -> dict[str, Any]:
    return {"securityContext": {"supplementalGroups": value}}


def _outside(group: int, *groups: int) -> Reason:
    detail = f"group {group} must be in the ranges: [{{10 20}} {{5 5}}]"
    printed = ", ".join(map(str, groups or (group,)))
    return reason(_PATH, "Invalid value", f"[]int64{{{printed}}}", detail)


def _empty(printed: str) -> Reason:
    return reason(_PATH, "Invalid value", printed, "unable to validate empty groups against required ranges")


ACCEPTED = [
    pytest.param({}, _pod([0]), id="any"),
    *(pytest.param(_MUST, _pod([gid]), id=f"must, {gid}") for gid in (5, 10, 20)),
    *(pytest.param(_MAY, _pod([gid]), id=f"may, {gid}") for gid in (5, 10, 20)),
    pytest.param(_MAY, {}, id="may, none"),
    pytest.param(_MAY, _pod([5, 10]), id="two"),
    pytest.param(_MAY, _pod([]), id="an empty list"),
]

REFUSED = [
    *(pytest.param(_MUST, _pod([gid]), [_outside(gid)], id=f"must, {gid}") for gid in (0, 6, 21)),
    *(pytest.param(_MAY, _pod([gid]), [_outside(gid)], id=f"may, {gid}") for gid in (0, 6, 21)),
    pytest.param(_MUST, {}, [_empty("[]int64(nil)")], id="must, none"),
    pytest.param(_MAY, _pod([5, 0, 21]), [_outside(0, 5, 0, 21), _outside(21, 5, 0, 21)], id="two of three"),
    pytest.param(_MUST, _pod([]), [_empty("[]int64{}")], id="an empty list"),
]

WRITTEN = [
    pytest.param({}, {}, {}, id="any"),
    pytest.param(_MAY, {}, {}, id="may"),
    pytest.param(_MUST, {}, {"spec.securityContext.supplementalGroups": [10]}, id="the first range's minimum"),
    pytest.param(_MUST, _pod([0]), {}, id="a group outside is left alone"),
    pytest.param(_MUST, _pod([]), {}, id="an empty list is left alone"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A group in a range may be used, and none where it only may be there."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A group outside is named, among all that were given."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A pod without one gets the first range's minimum."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values

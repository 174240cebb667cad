"""The primary groups containers run as."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.run_as_group import CONTROL
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written

_RANGES = [{"min": 10, "max": 20}, {"min": 5, "max": 5}]
_MUST = {"runAsGroup": {"rule": "MustRunAs", "ranges": _RANGES}}
_MAY = {"runAsGroup": {"rule": "MayRunAs", "ranges": _RANGES}}
_PATH = "spec.containers[0].securityContext"


def _pod(pod: dict[str, Any], **container: Any) -> dict[str, Any]:
    return {"securityContext": pod, "containers": [a_container(**container)]}


def _outside(group: int) -> Reason:
    detail = f"group {group} must be in the ranges: [{{10 20}} {{5 5}}]"
    return reason(_PATH, "Invalid value", f"[]int64{{{group}}}", detail)


ACCEPTED = [
    pytest.param({}, _pod({}, runAsGroup=0), id="left out"),
    pytest.param({"runAsGroup": {"rule": "RunAsAny"}}, _pod({}, runAsGroup=0), id="any"),
    *(pytest.param(_MUST, _pod({}, runAsGroup=gid), id=f"must, {gid}") for gid in (5, 10, 20)),
    *(pytest.param(_MAY, _pod({}, runAsGroup=gid), id=f"may, {gid}") for gid in (5, 10, 20)),
    pytest.param(_MAY, {}, id="may, none"),
    pytest.param(_MUST, _pod({"runAsGroup": 10}), id="the pod's"),
    pytest.param(_MUST, _pod({"runAsGroup": 0}, runAsGroup=10), id="the container's before the pod's"),
]

REFUSED = [
    *(pytest.param(_MUST, _pod({}, runAsGroup=gid), [_outside(gid)], id=f"must, {gid}") for gid in (0, 6, 21)),
    *(pytest.param(_MAY, _pod({}, runAsGroup=gid), [_outside(gid)], id=f"may, {gid}") for gid in (0, 6, 21)),
    pytest.param(_MAY, _pod({"runAsGroup": 0}), [_outside(0)], id="the pod's"),
    pytest.param(_MAY, _pod({"runAsGroup": 10}, runAsGroup=0), [_outside(0)], id="root, before the pod's"),
    pytest.param(
        _MUST,
        {},
        [
            reason(
                _PATH,
                "Invalid value",
                "[]int64(nil)",
                "unable to validate empty groups against required ranges",
            )
        ],
        id="must, none",
    ),
]

_GROUP = "spec.containers.0.securityContext.runAsGroup"

WRITTEN = [
    pytest.param({}, {}, {}, id="left out"),
    pytest.param(_MAY, {}, {}, id="may"),
    pytest.param(_MUST, {}, {_GROUP: 10}, id="the first range's minimum"),
    pytest.param(_MUST, _pod({}, runAsGroup=0), {}, id="a group outside is left alone"),
    pytest.param(_MUST, _pod({"runAsGroup": 0}), {}, id="the pod's is enough"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A container's own group, else the pod's, is in a range; it may be none where it only may be there."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A group outside is named at the container's security context."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A container without a group, of a pod without one, gets the first range's minimum."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values

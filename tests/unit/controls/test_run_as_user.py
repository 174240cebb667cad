"""The users containers run as."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.run_as_user import CHECKS, CONTROL
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written
from tests.unit.support.standards import told

_RANGES = {"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 10, "max": 20}, {"min": 5, "max": 5}]}}
_NON_ROOT = {"runAsUser": {"rule": "MustRunAsNonRoot"}}
_PATH = "spec.containers[0].securityContext"
_OUTSIDE = "must be in the ranges: [{10 20} {5 5}]"


def _pod(pod: dict[str, Any], **container: Any) -> dict[str, Any]:
    return {"securityContext": pod, "containers": [a_container(**container)]}


ACCEPTED = [
    pytest.param({}, _pod({}, runAsUser=0), id="anyone"),
    *(pytest.param(_RANGES, _pod({}, runAsUser=uid), id=f"{uid} in the ranges") for uid in (5, 10, 15, 20)),
    pytest.param(_RANGES, _pod({"runAsUser": 10}), id="the pod's uid"),
    pytest.param(_RANGES, _pod({"runAsUser": 0}, runAsUser=10), id="the container's before the pod's"),
    pytest.param(_NON_ROOT, _pod({}, runAsUser=1), id="a uid that is not root"),
    pytest.param(_NON_ROOT, _pod({}, runAsNonRoot=True), id="it says it is not root"),
    pytest.param(
        {"runAsUser": {"rule": "MustRunAsNonRoot", "ranges": [{"min": 10, "max": 20}]}},
        _pod({}, runAsUser=1),
        id="a uid outside of ranges that nobody reads",
    ),
    pytest.param(_NON_ROOT, _pod({"runAsNonRoot": True}), id="the pod says it is not root"),
    pytest.param(_NON_ROOT, _pod({"runAsUser": 0, "runAsNonRoot": False}, runAsUser=1, runAsNonRoot=True), id="own"),
]

REFUSED = [
    *(
        pytest.param(
            _RANGES,
            _pod({}, runAsUser=uid),
            [reason(f"{_PATH}.runAsUser", "Invalid value", str(uid), _OUTSIDE)],
            id=f"{uid} outside the ranges",
        )
        for uid in (0, 4, 6, 9, 21)
    ),
    pytest.param(
        _RANGES,
        _pod({"runAsUser": 10}, runAsUser=0),
        [reason(f"{_PATH}.runAsUser", "Invalid value", "0", _OUTSIDE)],
        id="root, before the pod's uid",
    ),
    pytest.param(_RANGES, {}, [reason(f"{_PATH}.runAsUser", "Required value")], id="no uid"),
    pytest.param(
        _NON_ROOT, {}, [reason(f"{_PATH}.runAsNonRoot", "Required value", None, "must be true")], id="nothing said"
    ),
    *(
        pytest.param(
            _NON_ROOT, pod, [reason(f"{_PATH}.runAsNonRoot", "Invalid value", "false", "must be true")], id=name
        )
        for name, pod in (
            ("it may be root", _pod({}, runAsNonRoot=False)),
            ("it may be root, with a uid that is not", _pod({}, runAsNonRoot=False, runAsUser=1)),
            ("the pod may be root", _pod({"runAsNonRoot": False})),
            ("it may be root, the pod not", _pod({"runAsNonRoot": True}, runAsNonRoot=False)),
        )
    ),
    *(
        pytest.param(
            _NON_ROOT,
            pod,
            [reason(f"{_PATH}.runAsUser", "Invalid value", "0", "running with the root UID is forbidden")],
            id=name,
        )
        for name, pod in (
            ("root", _pod({}, runAsUser=0)),
            ("root that says it is not", _pod({}, runAsUser=0, runAsNonRoot=True)),
            ("the pod's uid is root's", _pod({"runAsUser": 0})),
        )
    ),
    pytest.param(
        _NON_ROOT,
        {"initContainers": [a_container("init", runAsUser=0)], "containers": [a_container(runAsUser=1)]},
        [
            reason(
                "spec.initContainers[0].securityContext.runAsUser",
                "Invalid value",
                "0",
                "running with the root UID is forbidden",
            )
        ],
        id="an init container",
    ),
]

_UID = "spec.containers.0.securityContext.runAsUser"
_MARK = "spec.containers.0.securityContext.runAsNonRoot"

WRITTEN = [
    pytest.param({}, {}, {}, id="anyone"),
    pytest.param(_RANGES, {}, {_UID: 10}, id="the first range's minimum"),
    pytest.param(_RANGES, _pod({"runAsNonRoot": True}, runAsNonRoot=True), {_UID: 10}, id="whatever is said of root"),
    pytest.param(_RANGES, _pod({}, runAsUser=0), {}, id="a uid outside is left alone"),
    pytest.param(_RANGES, _pod({"runAsUser": 0}), {}, id="the pod's uid is enough"),
    pytest.param(_NON_ROOT, {}, {_MARK: True}, id="not root"),
    *(
        pytest.param(_NON_ROOT, pod, {}, id=name)
        for name, pod in (
            ("it says so", _pod({}, runAsNonRoot=True)),
            ("it says the contrary", _pod({}, runAsNonRoot=False)),
            ("the pod says so", _pod({"runAsNonRoot": True})),
            ("the pod says the contrary", _pod({"runAsNonRoot": False})),
            ("it has a uid", _pod({}, runAsUser=0)),
            ("the pod has a uid", _pod({"runAsUser": 0})),
        )
    ),
    pytest.param(
        _RANGES,
        {"initContainers": [{"name": "init"}], "containers": [a_container(runAsUser=12), {"name": "other"}]},
        {"spec.initContainers.0.securityContext.runAsUser": 10, "spec.containers.1.securityContext.runAsUser": 10},
        id="each container that has none",
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A container's own uid, else the pod's, is in a range; or is not root and does not say it may be."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """The first thing that is wrong with a container's user is named."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A container that says nothing gets the first range's minimum, or the mark that it must not be root."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values


STANDARDS = [
    pytest.param(22, {"securityContext": {"runAsNonRoot": True, "runAsUser": 0}}, {}, id="the pod says so"),
    pytest.param(
        36, {"containers": [a_container(runAsNonRoot=True, runAsUser=1)], "hostUsers": True}, {}, id="all containers do"
    ),
    pytest.param(
        0,
        {"securityContext": {"runAsNonRoot": False}, "containers": [a_container(runAsNonRoot=True), {"name": "b"}]},
        {"runAsNonRoot": "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)"},
        id="the pod says no",
    ),
    pytest.param(
        0,
        {
            "securityContext": {"runAsNonRoot": True},
            "containers": [a_container(runAsNonRoot=False), a_container("b", runAsNonRoot=False), {"name": "c"}],
        },
        {
            "runAsNonRoot": "runAsNonRoot != true "
            '(containers "main", "b" must not set securityContext.runAsNonRoot=false)'
        },
        id="containers say no",
    ),
    pytest.param(
        36,
        {"securityContext": {"runAsNonRoot": False}, "containers": [a_container(runAsNonRoot=False)]},
        {
            "runAsNonRoot": "runAsNonRoot != true "
            '(pod and container "main" must not set securityContext.runAsNonRoot=false)'
        },
        id="everybody says no",
    ),
    pytest.param(
        34,
        {"containers": [{"name": "main"}, a_container("b", runAsNonRoot=True)], "hostUsers": False},
        {"runAsNonRoot": 'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)'},
        id="nobody says so",
    ),
    pytest.param(
        34,
        {
            "securityContext": {"runAsNonRoot": True, "runAsUser": 0},
            "containers": [a_container(runAsUser=0)],
            "hostUsers": False,
        },
        {"runAsUser": 'runAsUser=0 (pod and container "main" must not set runAsUser=0)'},
        id="root",
    ),
    pytest.param(35, {"securityContext": {"runAsUser": 0}, "hostUsers": False}, {}, id="users of its own from 1.35 on"),
    pytest.param(
        35,
        {"securityContext": {"runAsUser": 0}},
        {
            "runAsNonRoot": 'runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true)',
            "runAsUser": "runAsUser=0 (pod must not set runAsUser=0)",
        },
        id="the node's users from 1.35 on",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Root is refused in restricted, and so is not saying that it is not."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

"""Gaining privileges."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.privilege_escalation import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written
from tests.unit.support.standards import told

_FORBIDDEN = {"allowPrivilegeEscalation": False}
_PATH = "spec.containers[0].securityContext.allowPrivilegeEscalation"
_DETAIL = "Allowing privilege escalation for containers is not allowed"


def _pod(*, escalates: bool | None) -> dict[str, Any]:
    return {"containers": [a_container(allowPrivilegeEscalation=escalates)]}


ACCEPTED = [
    pytest.param({}, _pod(escalates=True), id="left out is allowed"),
    pytest.param({"allowPrivilegeEscalation": True}, _pod(escalates=True), id="allowed"),
    pytest.param({"defaultAllowPrivilegeEscalation": False}, _pod(escalates=True), id="only a default"),
    pytest.param({}, _pod(escalates=None), id="nothing said"),
    pytest.param(_FORBIDDEN, _pod(escalates=False), id="it says it does not"),
]

REFUSED = [
    pytest.param(_FORBIDDEN, _pod(escalates=True), [reason(_PATH, "Invalid value", "true", _DETAIL)], id="it does"),
    pytest.param(
        _FORBIDDEN, _pod(escalates=None), [reason(_PATH, "Invalid value", '"null"', _DETAIL)], id="nothing said"
    ),
    pytest.param(_FORBIDDEN, {}, [reason(_PATH, "Invalid value", '"null"', _DETAIL)], id="no security context"),
]

_WRITTEN_PATH = "spec.containers.0.securityContext.allowPrivilegeEscalation"

WRITTEN = [
    pytest.param({}, {}, {}, id="left out"),
    pytest.param({"allowPrivilegeEscalation": True}, {}, {}, id="allowed"),
    pytest.param(_FORBIDDEN, {}, {_WRITTEN_PATH: False}, id="forbidden"),
    pytest.param({**_FORBIDDEN, "defaultAllowPrivilegeEscalation": False}, {}, {_WRITTEN_PATH: False}, id="both"),
    pytest.param({"defaultAllowPrivilegeEscalation": True}, {}, {_WRITTEN_PATH: True}, id="a default of true"),
    pytest.param({"defaultAllowPrivilegeEscalation": False}, {}, {_WRITTEN_PATH: False}, id="a default of false"),
    pytest.param(
        {"defaultAllowPrivilegeEscalation": False}, _pod(escalates=True), {}, id="the pod's own is left alone"
    ),
    pytest.param(_FORBIDDEN, _pod(escalates=True), {}, id="the pod's own is left alone, where it is forbidden"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """Escalation is allowed unless the policy says false, and then a container must say so too."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A container that escalates is told from one that says nothing."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A container that says nothing gets the policy's default, or false where escalation is not allowed."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values


STANDARDS = [
    pytest.param(8, {"containers": [a_container(allowPrivilegeEscalation=False)]}, {}, id="false"),
    pytest.param(7, {}, {}, id="before there was the field"),
    pytest.param(
        8,
        {"initContainers": [a_container("i", allowPrivilegeEscalation=True)]},
        {
            "allowPrivilegeEscalation": "allowPrivilegeEscalation != false "
            '(containers "i", "main" must set securityContext.allowPrivilegeEscalation=false)'
        },
        id="true and unset",
    ),
    pytest.param(
        24,
        {"os": {"name": "windows"}},
        {
            "allowPrivilegeEscalation": "allowPrivilegeEscalation != false "
            '(container "main" must set securityContext.allowPrivilegeEscalation=false)'
        },
        id="Windows up to 1.24",
    ),
    pytest.param(25, {"os": {"name": "windows"}}, {}, id="Windows from 1.25 on"),
    pytest.param(
        25,
        {"os": {"name": "linux"}},
        {
            "allowPrivilegeEscalation": "allowPrivilegeEscalation != false "
            '(container "main" must set securityContext.allowPrivilegeEscalation=false)'
        },
        id="Linux from 1.25 on",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each container must say that it may not escalate, since there is a field for it."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

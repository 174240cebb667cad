"""How /proc is mounted."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.proc_mount import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason
from tests.unit.support.standards import told

_PATH = "spec.containers[0].securityContext.procMount"


def _pod(proc_mount: str | None) -> dict[str, Any]:
    return {"containers": [a_container(procMount=proc_mount)]}


def _refusal(printed: str) -> list[Reason]:
    return [reason(_PATH, "Invalid value", printed, "ProcMountType is not allowed")]


ACCEPTED = [
    pytest.param({}, {}, id="left out, nothing said"),
    pytest.param({}, _pod("Default"), id="left out, Default"),
    pytest.param({"allowedProcMountTypes": []}, _pod(None), id="an empty list is none"),
    pytest.param({"allowedProcMountTypes": ["Unmasked"]}, _pod("Unmasked"), id="listed"),
]

REFUSED = [
    pytest.param({}, _pod("Unmasked"), _refusal('"Unmasked"'), id="left out"),
    pytest.param({"allowedProcMountTypes": ["Default"]}, _pod("Unmasked"), _refusal('"Unmasked"'), id="not listed"),
    pytest.param({"allowedProcMountTypes": ["Unmasked"]}, {}, _refusal('"Default"'), id="nothing said is Default"),
    pytest.param({}, _pod(""), _refusal('""'), id="an empty one"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """What is listed may be used, and Default where nothing is."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Another is named; a container that says nothing has Default."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    pytest.param(0, {"containers": [a_container(procMount="Default"), a_container("b")]}, {}, id="masked"),
    pytest.param(
        34,
        {"containers": [a_container(procMount="Unmasked")], "hostUsers": False},
        {"procMount": 'procMount (container "main" must not set securityContext.procMount to "Unmasked")'},
        id="up to 1.34, whoever the users are",
    ),
    pytest.param(
        35,
        {"containers": [a_container(procMount="Unmasked")], "hostUsers": False},
        {"procMount_restricted": 'procMount (container "main" must not set securityContext.procMount to "Unmasked")'},
        id="with users of its own from 1.35 on",
    ),
    pytest.param(
        35,
        {"containers": [a_container(procMount="Z"), a_container("b", procMount="A")], "hostUsers": True},
        dict.fromkeys(
            ("procMount", "procMount_restricted"),
            'procMount (containers "main", "b" must not set securityContext.procMount to "A", "Z")',
        ),
        id="with the node's users from 1.35 on",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each container with another way is named, and each way once."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

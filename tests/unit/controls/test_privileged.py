"""Privileged containers."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.privileged import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason
from tests.unit.support.standards import told

_DETAIL = "Privileged containers are not allowed"
_PRIVILEGED = a_container(privileged=True)

ACCEPTED = [
    pytest.param({"privileged": True}, {"containers": [_PRIVILEGED]}, id="allowed"),
    pytest.param({"privileged": False}, {"containers": [a_container(privileged=False)]}, id="it says it is not"),
    pytest.param({}, {"containers": [a_container()]}, id="it says nothing"),
    pytest.param({}, {}, id="it has no security context"),
]

REFUSED = [
    pytest.param(
        asked,
        {"containers": [a_container("first"), _PRIVILEGED], "initContainers": [_PRIVILEGED]},
        [
            reason("spec.initContainers[0].securityContext.privileged", "Invalid value", "true", _DETAIL),
            reason("spec.containers[1].securityContext.privileged", "Invalid value", "true", _DETAIL),
        ],
        id=name,
    )
    for name, asked in (("left out", {}), ("false", {"privileged": False}))
] + [
    pytest.param(
        {},
        {"ephemeralContainers": [_PRIVILEGED]},
        [reason("spec.ephemeralContainers[0].securityContext.privileged", "Invalid value", "true", _DETAIL)],
        id="an ephemeral container",
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """Only a privileged container is looked at, and only where the policy does not allow it."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Every privileged container is named, init containers first."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    pytest.param(0, {"containers": [a_container(privileged=False), a_container("b")]}, {}, id="false and unset"),
    pytest.param(
        36,
        {"containers": [a_container(privileged=True)]},
        {"privileged": 'privileged (container "main" must not set securityContext.privileged=true)'},
        id="one",
    ),
    pytest.param(
        0,
        {
            "initContainers": [a_container("i", privileged=True)],
            "ephemeralContainers": [a_container("e", privileged=True)],
        },
        {"privileged": 'privileged (containers "i", "e" must not set securityContext.privileged=true)'},
        id="many",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each container that is privileged is named."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

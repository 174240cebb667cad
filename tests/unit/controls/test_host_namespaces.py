"""The node's network, process and IPC namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.host_namespaces import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_pod, a_policy, judged, reason
from tests.unit.support.standards import told

_ALL = {"hostNetwork": True, "hostPID": True, "hostIPC": True}
_NETWORK = reason("spec.securityContext.hostNetwork", "Invalid value", "true", "Host network is not allowed to be used")
_PID = reason("spec.securityContext.hostPID", "Invalid value", "true", "Host PID is not allowed to be used")
_IPC = reason("spec.securityContext.hostIPC", "Invalid value", "true", "Host IPC is not allowed to be used")

ACCEPTED = [
    pytest.param(_ALL, _ALL, id="all allowed"),
    pytest.param({}, {}, id="none used"),
    pytest.param({}, dict.fromkeys(_ALL, False), id="none used, and it says so"),
    *(pytest.param({name: True}, {name: True}, id=f"{name} allowed") for name in _ALL),
]

REFUSED = [
    pytest.param({}, _ALL, [_NETWORK, _PID, _IPC], id="left out"),
    pytest.param(dict.fromkeys(_ALL, False), _ALL, [_NETWORK, _PID, _IPC], id="false"),
    pytest.param({**_ALL, "hostNetwork": False}, _ALL, [_NETWORK], id="network"),
    pytest.param({**_ALL, "hostPID": False}, _ALL, [_PID], id="processes"),
    pytest.param({**_ALL, "hostIPC": False}, _ALL, [_IPC], id="IPC"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """Each namespace may be used where the policy allows that one."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Each namespace that is used and not allowed is named where Kubernetes keeps it internally."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    pytest.param(0, {"hostNetwork": False, "hostPID": False, "hostIPC": None}, {}, id="none"),
    pytest.param(
        0,
        {"hostIPC": True, "hostPID": True, "hostNetwork": True},
        {"hostNamespaces": "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)"},
        id="all",
    ),
    pytest.param(36, {"hostPID": True}, {"hostNamespaces": "host namespaces (hostPID=true)"}, id="one"),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each namespace that is used is named."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

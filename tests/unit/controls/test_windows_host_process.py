"""Host processes of Windows nodes."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.windows_host_process import CHECKS
from tests.unit.support.controls import a_container, a_pod
from tests.unit.support.standards import told

_ON = {"windowsOptions": {"hostProcess": True}}

STANDARDS = [
    pytest.param(0, {}, {}, id="nothing"),
    pytest.param(
        0,
        {
            "securityContext": {"windowsOptions": {"hostProcess": False}},
            "containers": [a_container(windowsOptions={}), a_container("b", windowsOptions={"hostProcess": False})],
        },
        {},
        id="false and unset",
    ),
    pytest.param(
        36,
        {"securityContext": _ON},
        {"windowsHostProcess": "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"},
        id="the pod",
    ),
    pytest.param(
        0,
        {
            "os": {"name": "windows"},
            "securityContext": _ON,
            "containers": [{"name": "main", "securityContext": _ON}, {"name": "b", "securityContext": _ON}],
        },
        {
            "windowsHostProcess": 'hostProcess (pod and containers "main", "b" must not set '
            "securityContext.windowsOptions.hostProcess=true)"
        },
        id="everybody",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """The pod is named, and each container, that runs as a process of the node."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

"""Host ports in ranges."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.host_ports import CHECKS, CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_pod, a_policy, judged, reason
from tests.unit.support.standards import told

_NO_RANGES: dict[str, dict[str, Any]] = {"left out": {}, "no ranges": {"hostPorts": []}}
_RANGES = {"hostPorts": [{"min": 80, "max": 80}, {"min": 8000, "max": 8100}]}


def _using(*ports: int) -> dict[str, Any]:
    return {"containers": [{"name": "main", "ports": [{"containerPort": 1, "hostPort": port} for port in ports]}]}


ACCEPTED = [
    pytest.param(_RANGES, _using(80, 8000, 8050, 8100), id="the ends of ranges and between"),
    pytest.param({}, _using(0, -1), id="zero is none, and so is less"),
    pytest.param({}, {"containers": [{"name": "main", "ports": [{"containerPort": 80}]}]}, id="a container port"),
    pytest.param({}, {}, id="no ports"),
]

REFUSED = [
    pytest.param(
        _RANGES,
        _using(79, 81, 7999, 8101),
        [
            reason(
                "spec.containers[0].hostPort",
                "Invalid value",
                str(port),
                f"Host port {port} is not allowed to be used. Allowed ports: [80,8000-8100]",
            )
            for port in (79, 81, 7999, 8101)
        ],
        id="just outside",
    ),
    *(
        pytest.param(
            asked,
            {"initContainers": [{"name": "init", "ports": [{"hostPort": 1}]}]},
            [
                reason(
                    "spec.initContainers[0].hostPort",
                    "Invalid value",
                    "1",
                    "Host port 1 is not allowed to be used. Allowed ports: []",
                )
            ],
            id=name,
        )
        for name, asked in _NO_RANGES.items()
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A port in any of the ranges may be used."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Each port outside is named, with all that would be allowed."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


STANDARDS = [
    pytest.param(0, _using(0), {}, id="none"),
    pytest.param(0, _using(80), {"hostPorts": 'hostPort (container "main" uses hostPort 80)'}, id="one"),
    pytest.param(
        36,
        {
            "initContainers": [{"name": "i", "ports": [{"hostPort": 9}, {"hostPort": 80}]}],
            "containers": [{"name": "main", "ports": [{"containerPort": 1}, {"hostPort": 9}]}, {"name": "b"}],
        },
        {"hostPorts": 'hostPort (containers "i", "main" use hostPorts 80, 9)'},
        id="many, sorted as texts",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each container that uses ports of the node is named, and each port once."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

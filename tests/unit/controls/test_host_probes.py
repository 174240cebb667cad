"""Probes and lifecycle hooks that call another host."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.host_probes import CHECKS
from tests.unit.support.controls import a_pod
from tests.unit.support.standards import told


def _calling(host: str, kind: str = "httpGet") -> dict[str, Any]:
    return {kind: {"host": host, "port": 80}}


_ONE = {"hostProbesAndHostLifecycle": 'probe or lifecycle host (container "main" uses probe or lifecycle host "a.b")'}

STANDARDS = [
    pytest.param(33, {"containers": [{"name": "main", "livenessProbe": _calling("a.b")}]}, {}, id="up to 1.33"),
    pytest.param(
        34,
        {
            "containers": [
                {"name": "main", "livenessProbe": {"httpGet": {"port": 80}}, "readinessProbe": _calling("")},
                {"name": "b", "startupProbe": {"exec": {"command": ["true"]}}, "lifecycle": {"preStop": None}},
                {"name": "c", "lifecycle": {"postStart": {"tcpSocket": {"port": 80}}}},
            ]
        },
        {},
        id="no host",
    ),
    *(
        pytest.param(34, {"containers": [{"name": "main", field: _calling("a.b", kind)}]}, _ONE, id=f"{field} {kind}")
        for field in ("livenessProbe", "readinessProbe", "startupProbe")
        for kind in ("httpGet", "tcpSocket")
    ),
    *(
        pytest.param(
            36, {"containers": [{"name": "main", "lifecycle": {field: _calling("a.b", kind)}}]}, _ONE, id=field + kind
        )
        for field in ("postStart", "preStop")
        for kind in ("httpGet", "tcpSocket")
    ),
    pytest.param(
        36,
        {
            "initContainers": [{"name": "z", "livenessProbe": _calling("b") | _calling("a", "tcpSocket")}],
            "containers": [{"name": "y", "startupProbe": _calling("b")}, {"name": "x"}],
        },
        {
            "hostProbesAndHostLifecycle": 'probe or lifecycle host (containers "y", "z" use '
            'probe or lifecycle hosts "a", "b")'
        },
        id="many, sorted",
    ),
]


@pytest.mark.parametrize(("minor", "pod", "said"), STANDARDS)
def test_standards(minor: int, pod: dict[str, Any], said: dict[str, str]) -> None:
    """Each host that is called is named, and who calls it, by name and not in their order."""
    assert told(CHECKS, minor, a_pod(**pod)) == said

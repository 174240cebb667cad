"""Drivers of csi volumes."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.csi_drivers import CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_pod, a_policy, judged, reason


def _asked(*drivers: str, volumes: str = "csi") -> dict[str, Any]:
    return {"volumes": [volumes], "allowedCSIDrivers": [{"name": driver} for driver in drivers]}


def _volume(driver: str | None) -> dict[str, Any]:
    return {"volumes": [{"name": "other", "emptyDir": {}}, {"name": "driven", "csi": {"driver": driver}}]}


def _refusal(printed: str) -> Reason:
    path = "spec.volumes[1].csi.driver"
    return reason(path, "Invalid value", printed, "Inline CSI driver is not allowed to be used")


ACCEPTED = [
    pytest.param(_asked("a.example.com", "b.example.com"), _volume("b.example.com"), id="listed"),
    pytest.param({"volumes": ["csi"]}, _volume("a.example.com"), id="left out"),
    pytest.param(_asked(), _volume("a.example.com"), id="no drivers"),
    pytest.param(_asked("a.example.com", volumes="secret"), _volume("other"), id="such volumes are refused as such"),
    pytest.param(
        _asked("a.example.com"), {"volumes": [{"name": "two", "hostPath": {}, "csi": {}}]}, id="another source first"
    ),
]

REFUSED = [
    pytest.param(_asked("a.example.com"), _volume("b.example.com"), [_refusal('"b.example.com"')], id="not listed"),
    pytest.param(_asked("a.example.com"), _volume(None), [_refusal('""')], id="no driver"),
    pytest.param(
        _asked("a.example.com", volumes="*"), _volume("x"), [_refusal('"x"')], id="where every kind may be used"
    ),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A listed driver may be used, and any where none is listed."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Another driver is named where the plugin looks for it."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons

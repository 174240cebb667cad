"""RuntimeClasses."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.controls.runtime_class import CONTROL
from tests.unit.support.controls import a_pod, a_policy, judged, reason, written


def _asked(*names: str, default: str | None = None) -> dict[str, Any]:
    return {"runtimeClass": {"allowedRuntimeClassNames": list(names), "defaultRuntimeClassName": default}}


def _refusal(printed: str) -> list[Reason]:
    return [reason("spec.runtimeClassName", "Invalid value", printed)]


ACCEPTED = [
    pytest.param({}, {"runtimeClassName": "kata"}, id="left out"),
    pytest.param(_asked("*"), {"runtimeClassName": "kata"}, id="all"),
    pytest.param(_asked("gvisor", "kata"), {"runtimeClassName": "kata"}, id="listed"),
    pytest.param(_asked(), {}, id="none may be used, and none is"),
]

REFUSED = [
    pytest.param(_asked("gvisor"), {"runtimeClassName": "kata"}, _refusal('"kata"'), id="not listed"),
    pytest.param(_asked(), {"runtimeClassName": "kata"}, _refusal('"kata"'), id="none may be used"),
    pytest.param({"runtimeClass": {}}, {"runtimeClassName": "kata"}, _refusal('"kata"'), id="no list"),
    pytest.param(_asked("gvisor"), {"runtimeClassName": ""}, _refusal('""'), id="an empty name"),
]

WRITTEN = [
    pytest.param({}, {}, {}, id="left out"),
    pytest.param(_asked("kata"), {}, {}, id="nothing to give"),
    pytest.param(_asked("kata", default="kata"), {}, {"spec.runtimeClassName": "kata"}, id="the policy's"),
    pytest.param(_asked("*", default="kata"), {"runtimeClassName": "gvisor"}, {}, id="the pod has one"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A listed RuntimeClass may be used, and none always."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """Another is named, and nothing more is said of it."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A pod without one gets the policy's."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values

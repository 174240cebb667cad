"""Read-only root filesystems."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.read_only_root_filesystem import CONTROL
from pulumi_pod_security.controls.reason import Reason
from tests.unit.support.controls import a_container, a_pod, a_policy, judged, reason, written

_ASKED = {"readOnlyRootFilesystem": True}
_PATH = "spec.containers[0].securityContext.readOnlyRootFilesystem"


def _pod(*, read_only: bool | None) -> dict[str, Any]:
    return {"containers": [a_container(readOnlyRootFilesystem=read_only)]}


ACCEPTED = [
    pytest.param({}, _pod(read_only=False), id="left out"),
    pytest.param({"readOnlyRootFilesystem": False}, _pod(read_only=False), id="not asked"),
    pytest.param(_ASKED, _pod(read_only=True), id="read-only"),
]

REFUSED = [
    pytest.param(
        _ASKED,
        _pod(read_only=False),
        [reason(_PATH, "Invalid value", "false", "ReadOnlyRootFilesystem must be set to true")],
        id="writable",
    ),
    *(
        pytest.param(
            _ASKED,
            pod,
            [reason(_PATH, "Invalid value", '"null"', "ReadOnlyRootFilesystem may not be nil and must be set to true")],
            id=name,
        )
        for name, pod in (("nothing said", _pod(read_only=None)), ("no security context", {}))
    ),
]

WRITTEN = [
    pytest.param({}, {}, {}, id="not asked"),
    pytest.param(_ASKED, {}, {"spec.containers.0.securityContext.readOnlyRootFilesystem": True}, id="nothing said"),
    pytest.param(_ASKED, _pod(read_only=False), {}, id="writable is left alone"),
    pytest.param(_ASKED, _pod(read_only=True), {}, id="read-only"),
]


@pytest.mark.parametrize(("asked", "pod"), ACCEPTED)
def test_accepted(asked: dict[str, Any], pod: dict[str, Any]) -> None:
    """A root may be written unless the policy says otherwise."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == []


@pytest.mark.parametrize(("asked", "pod", "reasons"), REFUSED)
def test_refused(asked: dict[str, Any], pod: dict[str, Any], reasons: list[Reason]) -> None:
    """A root that may be written is told from one that nothing is said of."""
    assert judged(CONTROL, a_policy(**asked), a_pod(**pod)) == reasons


@pytest.mark.parametrize(("asked", "pod", "values"), WRITTEN)
def test_written(asked: dict[str, Any], pod: dict[str, Any], values: dict[str, Any]) -> None:
    """A container that says nothing gets a read-only root."""
    assert written(CONTROL, a_policy(**asked), a_pod(**pod)) == values

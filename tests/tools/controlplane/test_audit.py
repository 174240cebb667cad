"""Reading the audit log."""

import json
from pathlib import Path
from typing import Any

from tools.controlplane.audit import read_audit_log

REFUSED = {
    "kind": "Event",
    "level": "Metadata",
    "stage": "ResponseComplete",
    "requestURI": "/api/v1/namespaces/shop/pods",
    "verb": "create",
    "user": {"username": "system:serviceaccount:kube-system:replicaset-controller", "groups": ["system:authenticated"]},
    "objectRef": {"resource": "pods", "namespace": "shop", "apiVersion": "v1"},
    "responseStatus": {"status": "Failure", "reason": "Forbidden", "message": "unable to validate", "code": 403},
    "requestReceivedTimestamp": "2024-01-02T03:04:05.500000Z",
    "stageTimestamp": "2024-01-02T03:04:05.600000Z",
}


def append(file: Path, **changes: Any) -> None:
    """Write one audit event."""
    with file.open("a") as log:
        log.write(json.dumps({**REFUSED, **changes}) + "\n")


def test_a_refusal_has_who_what_and_why(tmp_path: Path) -> None:
    """User, object and the server's reason and message are there, and the time compares with time.time()."""
    log = tmp_path / "audit.log"
    append(log)
    (event,) = read_audit_log(log)
    assert event.user.username == "system:serviceaccount:kube-system:replicaset-controller"
    assert (event.object_ref.resource, event.object_ref.namespace) == ("pods", "shop")
    assert (event.response_status.code, event.response_status.reason) == (403, "Forbidden")
    assert event.response_status.message == "unable to validate"
    assert event.time == 1704164645.5


def test_rotated_files_come_first(tmp_path: Path) -> None:
    """The log reads as one, whatever the API server has put aside."""
    append(tmp_path / "audit.log", verb="third")
    append(tmp_path / "audit-2024-01-02T03-04-05.000.log", verb="second")
    append(tmp_path / "audit-2024-01-01T03-04-05.000.log", verb="first")
    assert [event.verb for event in read_audit_log(tmp_path / "audit.log")] == ["first", "second", "third"]


def test_a_line_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    """The log can be read while the API server writes to it."""
    log = tmp_path / "audit.log"
    append(log)
    with log.open("a") as file:
        file.write('{"kind": "Event", "user": {"username": "x"')
    assert len(list(read_audit_log(log))) == 1

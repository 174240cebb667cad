"""The API server's audit log, typed: who asked for what, when, and what the server answered.

Which requests are in it: objects/audit-policy.yaml.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["AuditEvent", "ObjectReference", "ResponseStatus", "UserInfo", "read_audit_log"]


class UserInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked."""

    username: str = ""
    groups: tuple[str, ...] = ()


class ObjectReference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What it was about; `resource` is in the plural, as in a role."""

    resource: str = ""
    namespace: str = ""
    name: str = ""
    api_group: str = ""
    api_version: str = ""
    subresource: str = ""


class ResponseStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The server's answer; a refusal has its reason and message."""

    code: int = 0
    reason: str = ""
    message: str = ""


class AuditEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One request.

    Args:
        request_object: The body, for policies and RBAC objects only, and not of a patch.
    """

    stage: str
    verb: str
    request_received_timestamp: datetime.datetime
    stage_timestamp: datetime.datetime
    user: UserInfo = UserInfo()
    impersonated_user: UserInfo | None = None
    user_agent: str = ""
    request_uri: str = msgspec.field(name="requestURI", default="")
    object_ref: ObjectReference = ObjectReference()
    response_status: ResponseStatus = ResponseStatus()
    annotations: dict[str, str] = {}
    request_object: Any = None

    @property
    def time(self) -> float:
        """When the request arrived, in seconds since the epoch, to compare with the components' events."""
        return self.request_received_timestamp.timestamp()


def read_audit_log(log: Path) -> Iterator[AuditEvent]:
    """Every finished request so far, oldest first, rotated files included."""
    decoder = msgspec.json.Decoder(AuditEvent)
    # Rotated files are named audit-<time>.log.
    for file in [*sorted(log.parent.glob(f"{log.stem}-*{log.suffix}")), log]:
        if file.exists():
            # The last line may be half-written.
            yield from map(decoder.decode, file.read_bytes().rpartition(b"\n")[0].splitlines())

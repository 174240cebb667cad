"""What an API server says beside its objects, as typed structures (Kubernetes API v1.24 field names).

Objects that create pods are read in `admission.manifests`.
"""

from __future__ import annotations

import msgspec

__all__ = ["AccessReview", "Identified", "ListMeta", "Page", "Status", "Version"]


class ListMeta(msgspec.Struct, rename="camel"):
    """Metadata of a list: the token of the next page, empty on the last one, and how many objects follow this one."""

    continue_: str | None = msgspec.field(default=None, name="continue")
    remaining_item_count: int | None = None


class Page(msgspec.Struct):
    """A page of a list; its objects are JSON still."""

    items: list[msgspec.Raw] | None = None
    metadata: ListMeta = msgspec.field(default_factory=ListMeta)


class Status(msgspec.Struct):
    """What an API server answers when it refuses a request."""

    message: str = ""
    reason: str = ""


class Version(msgspec.Struct, rename="camel"):
    """The answer of `/version`."""

    git_version: str
    major: str
    minor: str


class UidMeta(msgspec.Struct):
    """Metadata, of which only the uid counts."""

    uid: str


class Identified(msgspec.Struct):
    """An object that is told from every other."""

    metadata: UidMeta


class AccessStatus(msgspec.Struct):
    """The verdict of an authorizer."""

    allowed: bool = False
    reason: str = ""


class AccessReview(msgspec.Struct):
    """A SubjectAccessReview or SelfSubjectAccessReview, answered."""

    status: AccessStatus

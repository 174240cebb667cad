"""Why a policy refuses a pod: one sentence, in the words of Kubernetes' field errors."""

from __future__ import annotations

from typing import Literal

import msgspec

__all__ = ["Kind", "Reason", "Reasons", "forbidden", "invalid", "required"]

Kind = Literal["Invalid value", "Forbidden", "Required value"]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal: the field, what kind of fault it has, its value as the plugin prints it, and what was asked.

    `value` is None where the plugin names none; a field that is not set is `"null"`, in quotes, as there.
    """

    path: str
    kind: Kind
    value: str | None = None
    detail: str = ""

    def __str__(self) -> str:
        head = f"{self.path}: {self.kind}" if self.value is None else f"{self.path}: {self.kind}: {self.value}"
        return f"{head}: {self.detail}" if self.detail else head


Reasons = tuple[Reason, ...]
"""Why something is refused; none where nothing is against it."""


def invalid(path: str, value: str, detail: str) -> Reason:
    """A value that may not stand there; printed already (see `printing`)."""
    return Reason(path=path, kind="Invalid value", value=value, detail=detail)


def forbidden(path: str, detail: str) -> Reason:
    """A field that may not be used so."""
    return Reason(path=path, kind="Forbidden", detail=detail)


def required(path: str, detail: str) -> Reason:
    """A field that must be set."""
    return Reason(path=path, kind="Required value", detail=detail)

"""Something about RBAC and policies that is probably not meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Pitfall", "listed"]

Kind = Literal[
    "shadow",
    "wildcard",
    "every-policy",
    "unknown-policy",
    "missing-role",
    "impossible-subject",
    "grants-nothing",
    "rules-overwritten",
    "aggregation-circle",
    "one-api-group",
    "fault",
]

_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class Pitfall:
    """Where it is, what it does, and what to write instead."""

    kind: Kind
    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.mend}"


def listed(things: Iterable[object]) -> str:
    """The first few of the things, and how many more there are."""
    texts = list(dict.fromkeys(map(str, things)))
    more = [f"{len(texts) - _TOLD} more"] if len(texts) > _TOLD else []
    *first, last = [*texts[:_TOLD], *more]
    return f"{', '.join(first)} and {last}" if first else last

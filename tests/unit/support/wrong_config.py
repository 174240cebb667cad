"""A configuration with one thing wrong, as the tables of them are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["WrongConfig", "case"]


@dataclass(frozen=True, kw_only=True)
class WrongConfig:
    """One configuration.

    Attributes:
        name: what is wrong.
        given: the keys, beside two policies unless it has its own.
        path: where the message says it is.
        words: the fault as the message begins.
        mend: the commands of the message, or which key it renames.
    """

    name: str
    given: dict[str, Any]
    path: str
    words: str
    mend: str

    @property
    def values(self) -> dict[str, Any]:
        """The whole configuration."""
        return {"policies": ["privileged", "default"], **self.given}

    @property
    def mended(self) -> str:
        """What the message says after `mend it with`."""
        return self.mend if " renamed to " in self.mend else f"pulumi config {self.mend}"


def case(name: str, given: dict[str, Any], path: str, words: str, mend: str) -> WrongConfig:
    """A row of a table."""
    return WrongConfig(name=name, given=given, path=path, words=words, mend=mend)

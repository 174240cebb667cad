"""The survivors that may be: what each changes, and why no test has to see it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tools.mutants.mutant import Mutant

__all__ = ["EXPLAINED", "Explanation", "InvalidList", "Kind", "as_entry", "read"]

EXPLAINED = "tests/mutants.toml"

Kind = Literal["equivalent", "cost", "unreachable"]


class InvalidList(ValueError):
    """The list cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One reason and the mutants it holds for."""

    kind: Kind
    why: str
    mutants: Annotated[tuple[Mutant, ...], msgspec.Meta(min_length=1)]


class _List(msgspec.Struct, forbid_unknown_fields=True):
    survivors: tuple[Explanation, ...]


def read(path: Path) -> tuple[Explanation, ...]:
    """Read the list; raises InvalidList, with the place of the first fault."""
    try:
        found = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _List)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidList(f"{path}: {error}") from None
    mutants = [mutant for explanation in found.survivors for mutant in explanation.mutants]
    if twice := sorted({str(mutant) for mutant in mutants if mutants.count(mutant) > 1}):
        raise InvalidList("\n".join((f"{path}: explained twice:", *twice)))
    return found.survivors


def as_entry(mutant: Mutant) -> str:
    """The mutant as the list has it, ready to be pasted below its reason."""
    fields = ("module", "function", "before", "after")
    return "\n".join(("[[survivors.mutants]]", *(f"{name} = {_quoted(getattr(mutant, name))}" for name in fields)))


def _quoted(value: str) -> str:
    """A literal string of TOML; its first line break is not part of it."""
    if "\n" in value:
        return f"'''\n{value}'''"
    return f"'''{value}'''" if "'" in value else f"'{value}'"

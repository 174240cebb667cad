"""What is wrong in the stack's configuration, told with the path of the key and the commands that mend it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from pulumi_pod_security.errors import Fault, PodSecurityError, closest, one_of
from stacks.mending import NAMESPACE, Path, at, removing, renaming, setting, shown

__all__ = ["Given", "InvalidConfig", "Wrong", "faulty", "mistyped", "unknown"]

Given = Mapping[str, Any]
"""What the configuration holds, by its keys."""

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[([^\]]+)\]")
_GUESS = re.compile(r"did you mean '([^']+)'|^'([^']+)'$")
_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_WRITTEN = {"subjects": "to"}


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One fault: where it is, what is wrong, and the commands that mend it."""

    path: Path
    fault: str
    mend: str

    def __str__(self) -> str:
        return f"{NAMESPACE}:{shown(self.path)}: {self.fault}\n  mend it with: {self.mend}"


class InvalidConfig(PodSecurityError):
    """The stack's configuration holds what is not allowed there."""

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        super().__init__("\n".join(map(str, wrong)))


def unknown(path: Path, known: Iterable[str], given: Given) -> Wrong:
    """A key that does not exist, and the one that was meant if any is like it and not there."""
    names, name = list(known), str(path[-1])
    guess = closest(name, names)
    free = guess is not None and at((*path[:-1], guess), given) is None
    mend = renaming(path, guess, given) if guess is not None and free else removing(path)
    return Wrong(path=path, fault=f"no such key; allowed: {one_of(names, given=name)}", mend=mend)


def mistyped(path: Path, error: msgspec.ValidationError, fields: Iterable[str], given: Given) -> Wrong:
    """What the type of a key refuses; `fields` are the names that objects below the key may have."""
    fault, _, where = str(error).partition(" - at `$")
    place = (*path, *_steps(where.rstrip("`")))
    if found := _UNKNOWN.match(fault):
        return unknown((*place, found[1]), fields, given)
    if found := _MISSING.match(fault):
        place, fault = (*place, found[1]), "missing"
    return Wrong(path=place, fault=fault, mend=setting(place, given))


def faulty(path: Path, faults: Iterable[Fault], given: Given) -> Iterator[Wrong]:
    """What the model refuses: its faults, with paths of the configuration."""
    for fault in faults:
        place = _existing((*path, *_steps(fault.path)), given)
        told = str(fault).removeprefix(f"{fault.path}: ")
        yield Wrong(path=place, fault=told, mend=_mend(place, fault, given))


def _mend(place: Path, fault: Fault, given: Given) -> str:
    found = _GUESS.search(fault.allowed)
    guess = (found[1] or found[2]) if found else None
    if fault.allowed.startswith("no such field"):
        return renaming(place, guess, given) if guess else removing(place)
    if fault.allowed.endswith((" has this one", " is the same")) and place[-1] != "binding":
        return removing(place[:2])
    return setting(place, given, guess)


def _existing(place: Path, given: Given) -> Path:
    """The place in the configuration: a preset, a subject and an administrator are one text with nothing below it."""
    ends = (depth for depth in range(1, len(place)) if isinstance(at(place[:depth], given), str))
    return place[: next(ends, len(place))]


def _steps(path: str) -> Path:
    """The segments of a path as messages write it."""
    steps = (match.groups() for match in _STEP.finditer(path))
    return tuple(int(index) if index else _WRITTEN.get(name or key, name or key) for name, index, key in steps)

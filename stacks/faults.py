"""What is wrong in the stack's configuration, told with the path of the key and the commands that mend it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pulumi_pod_security.errors import Fault, PodSecurityError, capped, closest, one_of
from stacks.given import Given
from stacks.mending import removing, renaming, setting
from stacks.places import NAMESPACE, Path, shown

__all__ = ["Findings", "InvalidConfig", "Wrong", "unknown"]

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[([^\]]+)\]")
_GUESS = re.compile(r"did you mean '([^']+)'|^'([^']+)'$")
_WRITTEN = {"subjects": "to"}
_LONGEST_PATH = 300
_LONGEST_FAULT = 4000


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One fault.

    Attributes:
        path: where it is.
        fault: what is wrong.
        mend: the commands that mend it.
        meant: the place that what is there was meant for, if its name is misspelt.
    """

    path: Path
    fault: str
    mend: str
    meant: Path | None = None

    def __str__(self) -> str:
        place = _cut(shown(self.path), _LONGEST_PATH)
        mend = self.mend if len(self.mend) <= _LONGEST_FAULT else "an editor; the command is too long to be shown"
        return f"{NAMESPACE}:{place}: {_cut(self.fault, _LONGEST_FAULT)}\n  mend it with: {mend}"

    @property
    def moves(self) -> bool:
        """Whether mending it moves the later elements of a list up."""
        return isinstance(self.path[-1], int) and self.mend.startswith(removing(self.path))


class InvalidConfig(PodSecurityError):
    """The stack's configuration holds what is not allowed there.

    The commands are in an order in which they can be run: what moves elements comes after all that counts on their
    places, from the last element to the first.
    """

    def __init__(self, wrong: Iterable[Wrong]) -> None:
        told = list(dict.fromkeys(wrong))
        moving = [fault for fault in told if fault.moves]
        staying = [fault for fault in told if not fault.moves]
        super().__init__("\n".join(capped([*staying, *reversed(moving)])))


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What was found wrong so far: reading goes on, so that one message tells all of it.

    Attributes:
        given: what the configuration holds.
    """

    given: Given
    _wrong: list[Wrong] = field(default_factory=list)
    _lost: set[Path] = field(default_factory=set)
    _broken: set[Path] = field(default_factory=set)

    def add(self, wrong: Iterable[Wrong]) -> None:
        """Remember faults."""
        for fault in wrong:
            self._wrong.append(fault)
            for path in filter(None, (fault.path, fault.meant)):
                self._lost.add(path)
                self._broken.update(path[:depth] for depth in range(1, len(path) + 1))

    def refused(self, path: Path, faults: Iterable[Fault]) -> None:
        """Remember what the model refuses: its faults, with paths of the configuration."""
        self.add([_refused(path, fault, self.given) for fault in faults])

    def lost(self, path: Path) -> bool:
        """Whether nothing is known of what was meant to be at the path."""
        return any(path[:depth] in self._lost for depth in range(1, len(path) + 1))

    def broken(self, path: Path) -> bool:
        """Whether something at the path, above or below it is wrong."""
        return path in self._broken or self.lost(path)

    def refuse(self) -> None:
        """End here if anything was found.

        Raises:
            InvalidConfig: with all of it.
        """
        if self._wrong:
            raise InvalidConfig(self._wrong)


def unknown(path: Path, known: Iterable[str], given: Given) -> Wrong:
    """A key that does not exist, and the one that was meant if any is like it and not there."""
    names, name = list(known), str(path[-1])
    guess = closest(name, names)
    fault = f"no such key; allowed: {one_of(names, given=name)}"
    if guess is None or given.at((*path[:-1], guess)) is not None:
        return Wrong(path=path, fault=fault, mend=removing(path))
    return Wrong(path=path, fault=fault, mend=renaming(path, guess, given), meant=(*path[:-1], guess))


def _refused(path: Path, fault: Fault, given: Given) -> Wrong:
    place = _existing((*path, *_steps(fault.path)), given)
    told = str(fault).removeprefix(f"{fault.path}: ").replace("; subjects[", "; to[")
    return Wrong(path=place, fault=told, mend=_mend(place, fault, given))


def _mend(place: Path, fault: Fault, given: Given) -> str:
    found = _GUESS.search(fault.allowed)
    guess = (found[1] or found[2]) if found else None
    if fault.allowed.startswith("no such field"):
        return renaming(place, guess, given) if guess else removing(place)
    if fault.allowed.endswith((" has this one", " is the same")) and place[-1] != "binding":
        return removing(place if isinstance(place[-1], int) else place[:2])
    return setting(place, given, guess)


def _existing(place: Path, given: Given) -> Path:
    """The place in the configuration: a preset, a subject and an administrator are one text with nothing below it."""
    ends = (depth for depth in range(1, len(place)) if isinstance(given.at(place[:depth]), str))
    return place[: next(ends, len(place))]


def _steps(path: str) -> Iterator[str | int]:
    """The segments of a path as messages write it."""
    for name, index, key in (match.groups() for match in _STEP.finditer(path)):
        yield int(index) if index else _WRITTEN.get(name or key, name or key)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."

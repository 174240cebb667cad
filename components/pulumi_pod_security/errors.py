"""Every exception this package raises on purpose descends from PodSecurityError. Those about what is given to us:

    PodSecurityError
    +-- InvalidInput (ValueError)     something given to us is refused; `faults` lists every reason at once
        +-- InvalidPolicy             a PodSecurityPolicy the API server would refuse
        +-- InvalidGrant              a grant, or one of its subjects, that could not mean what it says
        +-- InvalidBaseline           policies and grants that are fine alone and do not fit together
        +-- InvalidStandard           a level or a version that the Pod Security Standards do not have
        +-- InvalidExemption          a user, namespace or runtime class that Pod Security could not exempt
        +-- DoesNotFit                policies that are more than an API server can judge a pod by
        +-- UnknownPreset             a preset name we do not have

Those about a cluster stand beside what raises them: `cluster.api` and `cluster.refusal`, `platforms.switch`.
A message never ends at "invalid": each fault names the path, the value and what may stand there instead.
"""

from __future__ import annotations

import difflib
import enum
import re
import reprlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = [
    "MISSING",
    "DoesNotFit",
    "Fault",
    "InvalidBaseline",
    "InvalidExemption",
    "InvalidGrant",
    "InvalidInput",
    "InvalidPolicy",
    "InvalidStandard",
    "PodSecurityError",
    "UnknownPreset",
    "capped",
    "closest",
    "one_of",
    "printable",
    "shown",
]


_TOLD: Final = 50
"""How many faults or names a message spells out; a person mends those before reading on."""


class _Missing(enum.Enum):
    MISSING = "missing"

    def __repr__(self) -> str:
        return "missing"


MISSING: Final = _Missing.MISSING
"""The value of a fault about something that was not given at all."""


class _Repr(reprlib.Repr):
    """`repr` for values nobody has vouched for: short, shallow, and it never fails."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxdict = 8
        self.maxstring = self.maxother = 120

    def repr_int(self, x: int, level: int) -> str:  # noqa: ARG002 - reprlib passes the level to every method
        # Python refuses to print an integer of more than 4300 digits; YAML's hexadecimal form can carry one in.
        return repr(x) if x.bit_length() <= 256 else f"<integer of {x.bit_length()} bits>"


_REPR = _Repr()
_SUSPECT = re.compile(r"[^\n -~]")


def shown(value: object) -> str:
    """The value as `repr` shows it, cut to a length that leaves a message readable."""
    return _REPR.repr(value)


def printable(text: str) -> str:
    """The text without what moves a terminal's cursor or turns the writing around; lines and all alphabets stay."""
    return _SUSPECT.sub(_spelled, text)


def _spelled(found: re.Match[str]) -> str:
    character = found[0]
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def capped(told: Sequence[object], spelled: Callable[[object], str] = str) -> list[str]:
    """What a message lists, spelled out; when it is very much, the first of it and how much more there is."""
    beyond = [f"... and {len(told) - _TOLD} more"] if len(told) > _TOLD else []
    return [*map(spelled, told[:_TOLD]), *beyond]


def one_of(known: Iterable[str], *, given: object = None) -> str:
    """The names as a list of alternatives, with the one most like what was given named at the end."""
    names = list(known)
    listed = ", ".join(capped(names, shown))
    guess = closest(given, names)
    return (f"one of {listed}" if len(names) > 1 else listed) + (f"; did you mean {guess!r}?" if guess else "")


def closest(given: object, known: Iterable[str]) -> str | None:
    """The known name that what was given is most like, if it is like any."""
    # Comparing costs the product of both lengths, and a name longer than this was no slip of the hand.
    if not isinstance(given, str) or len(given) > 80:
        return None
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(given.lower(), names, n=1)
    return names[close[0]] if close else None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One reason for a refusal: where it is, what stands there, and what may stand there."""

    path: str
    value: object
    allowed: str

    def __str__(self) -> str:
        return f"{self.path}: {shown(self.value)}; allowed: {self.allowed}"


class PodSecurityError(Exception):
    """The base of every exception this package raises on purpose.

    Its words quote servers, pods and events, which anybody may have written, and Pulumi shows them as they come.
    """

    def __str__(self) -> str:
        return printable(super().__str__())


class InvalidInput(PodSecurityError, ValueError):
    """Something given is refused, with every fault found in it."""

    def __init__(self, what: str, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__("\n  ".join([f"{what}: {count}", *capped(self.faults)]))


class InvalidPolicy(InvalidInput):
    """A PodSecurityPolicy that the API server would refuse, or would keep only in part."""


class InvalidGrant(InvalidInput):
    """A grant, or a subject of one, that names nobody or could not be bound."""


class InvalidBaseline(InvalidInput):
    """Policies, grants and administrators that do not fit together."""


class InvalidStandard(InvalidInput):
    """A level or a version of the Pod Security Standards that does not exist."""


class InvalidExemption(InvalidInput):
    """A user, a namespace or a runtime class that Pod Security admission could not exempt."""


class DoesNotFit(InvalidInput):
    """Policies that are more than an API server can judge a pod by."""


class UnknownPreset(InvalidInput):
    """A preset name that does not exist."""

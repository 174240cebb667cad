"""Faults on demand: which call goes wrong, and how."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

__all__ = ["THOROUGH", "Fault", "How", "Script", "every", "first", "nth"]

THOROUGH = os.environ.get("POD_SECURITY_FAULTS") == "all"
"""Whether everything is tried that can go wrong, which takes half an hour; else a part of it."""


class How(Enum):
    """What happens to a call instead of its answer."""

    STATUS = "refused with a status, without being carried out"
    DROP = "dropped before it is carried out"
    LOSE = "carried out, and its answer is dropped"
    LATE = "carried out when the script lets it, long after the client has hung up"
    HANG = "never answered, nor carried out"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way for a call to go wrong.

    Attributes:
        how: what happens.
        code: the status, of HTTP or by its gRPC name.
        kind: the provider's own name of the error, where it has one.
        message: the provider's words.
        headers: sent with the status.
    """

    how: How = How.STATUS
    code: int | str = 503
    kind: str = "Unavailable"
    message: str = "the backend is away"
    headers: Mapping[str, str] = field(default_factory=dict)


Plan = Callable[[int, str], Fault | None]
"""The fault of a call, by its number from 0 on and its name."""


def nth(number: int, fault: Fault) -> Plan:
    """Only that call."""
    return lambda count, _name: fault if count == number else None


def first(name: str, *faults: Fault) -> Plan:
    """The first calls of that name, one fault each."""
    left = list(faults)
    return lambda _count, called: left.pop(0) if called == name and left else None


def every(name: str, fault: Fault) -> Plan:
    """All calls of that name."""
    return lambda _count, called: fault if called == name else None


@dataclass(kw_only=True)
class Script:
    """What a stand-in was asked, and what goes wrong.

    Attributes:
        plan: the fault of each call.
        calls: the names of all calls since `restart`, oldest first.
        credentials: every credential that came with a call.
        let: set to have what is late carried out.
        over: set when the stand-in ends; what hangs hangs until then.
    """

    plan: Plan = lambda _count, _name: None
    calls: list[str] = field(default_factory=list)
    credentials: set[str] = field(default_factory=set)
    let: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def called(self, name: str, credential: str) -> Fault | None:
        """Note a call, and say how it goes wrong."""
        with self._lock:
            self.calls.append(name)
            self.credentials.add(credential)
            return self.plan(len(self.calls) - 1, name)

    def restart(self, plan: Plan = lambda _count, _name: None) -> None:
        """Count from 0 again, under another plan."""
        with self._lock:
            self.calls.clear()
            self.plan = plan

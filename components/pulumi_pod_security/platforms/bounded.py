"""A call that is given up after a while, for SDKs that would wait for ever."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from pulumi_pod_security.cluster.begun import begun

__all__ = ["Overdue", "bounded"]

T = TypeVar("T")


class Overdue(Exception):
    """A call was given up.

    Attributes:
        outcome: what comes of it: while that is open, it may still arrive.
    """

    def __init__(self, outcome: Future[Any]) -> None:
        super().__init__()
        self.outcome = outcome


def bounded(call: Callable[[], T], seconds: float) -> T:
    """What the call returns or raises; Overdue after so many seconds."""
    outcome = begun(call)
    try:
        return outcome.result(seconds)
    except TimeoutError:
        if outcome.done():
            raise
        raise Overdue(outcome) from None

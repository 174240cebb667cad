"""Somebody who asks one thing of a server all the time, whatever becomes of the server meanwhile."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import urllib3

from tests.integration.support.asking import Asker, Question, Reached, Reply

__all__ = ["Prober", "probing"]

AWAY = "away"
ADMITTED = "admitted"
OTHERWISE = "refused otherwise"
PAUSE_SECONDS = 0.02
PATIENCE_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Prober:
    """What came of it so far.

    Attributes:
        marks: what a refusal says, by the name that it is counted under.
        counts: how many answers of each kind there were; `away` are requests without an answer.
        other: the first answers of no kind that was expected.
    """

    marks: dict[str, bytes]
    counts: Counter[str] = field(default_factory=Counter)
    other: list[Reply] = field(default_factory=list)

    @property
    def admitted(self) -> int:
        """How often it was let in."""
        return self.counts[ADMITTED]

    def saw(self, kind: str) -> int:
        """How often it was answered so."""
        return self.counts[kind]

    def wait(self, kind: str, more: int = 10) -> None:
        """Return when there were that many more answers of a kind."""
        until, wanted = time.monotonic() + PATIENCE_SECONDS, self.counts[kind] + more
        while self.counts[kind] < wanted:
            assert time.monotonic() < until, f"no more of {kind!r}: {self.counts}, {self.other}"
            time.sleep(PAUSE_SECONDS)

    def count(self, reply: Reply | None) -> None:
        """Put an answer, or that there was none, with those of its kind."""
        kind = self._kind(reply)
        self.counts[kind] += 1
        if reply is not None and kind == OTHERWISE and len(self.other) < 5:
            self.other.append(reply)

    def _kind(self, reply: Reply | None) -> str:
        if reply is None:
            return AWAY
        if reply.code < 300:
            return ADMITTED
        return next((kind for kind, mark in self.marks.items() if mark in reply.body), OTHERWISE)


@contextmanager
def probing(server: Reached, question: Question, marks: dict[str, bytes]) -> Iterator[Prober]:
    """Ask all the time, from a thread."""
    prober, asker, done = Prober(marks=marks), Asker(server), threading.Event()

    def ask() -> None:
        while not done.wait(PAUSE_SECONDS):
            try:
                prober.count(asker.ask(question))
            except urllib3.exceptions.HTTPError:
                prober.count(None)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    try:
        yield prober
    finally:
        done.set()
        thread.join()

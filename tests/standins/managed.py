"""The cluster behind a provider's API, which changes in its own time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Change", "Managed"]


@dataclass(kw_only=True, eq=False)
class Change:
    """A change that goes on.

    Attributes:
        number: of this change, from 1 on.
        ended: set when it is over.
        failure: why it failed, in words.
    """

    number: int
    ended: threading.Event = field(default_factory=threading.Event)
    failure: str | None = None


@dataclass(kw_only=True, eq=False)
class Managed:
    """One cluster, as its provider runs it.

    Attributes:
        version: of Kubernetes.
        address: the host of its API server, which is on this machine.
        enabled: whether the provider says that the plugin is on.
        flip: what makes it so on the API server; it takes its time.
        seconds: how long a change takes beside that.
        fails: words of the failures of the next changes, oldest first.
        ignores: whether a change is accepted and nothing is done.
        changes: every change so far.
    """

    version: str = "1.24.17"
    address: str = "127.0.0.1"
    enabled: bool = False
    flip: Callable[[bool], None] = lambda _enabled: None
    seconds: float = 0.05
    fails: list[str] = field(default_factory=list)
    ignores: bool = False
    changes: list[Change] = field(default_factory=list)

    @property
    def running(self) -> Change | None:
        """The change that goes on."""
        return next((change for change in self.changes if not change.ended.is_set()), None)

    def begin(self, enabled: bool) -> Change:  # noqa: FBT001 - what is wanted
        """Start a change."""
        change = Change(number=len(self.changes) + 1)
        self.changes.append(change)
        threading.Thread(target=self._carry_out, args=(change, enabled), daemon=True).start()
        return change

    def settle(self, seconds: float = 120) -> None:
        """Wait until nothing goes on."""
        while change := self.running:
            assert change.ended.wait(seconds), "a change that does not end"

    def _carry_out(self, change: Change, enabled: bool) -> None:  # noqa: FBT001 - what is wanted
        try:
            time.sleep(self.seconds)
            if self.fails:
                change.failure = self.fails.pop(0)
            elif not self.ignores:
                if enabled != self.enabled:
                    self.flip(enabled)
                self.enabled = enabled
        finally:
            change.ended.set()

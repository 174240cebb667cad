"""A bar on the standard error while work goes on for longer than people like to wait in the dark."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

__all__ = ["PATIENCE_SECONDS", "Working", "working"]

PATIENCE_SECONDS = 2.0
"""Work that is over sooner shows nothing."""

_PAUSE_SECONDS = 0.1


class Working:
    """What is told while working."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("reading", total=None)
        self._read = 0
        self._total: int | None = None
        self._shown = 0.0

    def expect(self, more: int) -> None:
        """So many objects are still to come, of those that a server counts."""
        self._total = self._read + more
        self._show()

    def read(self) -> None:
        """One more object was read."""
        self._read += 1
        if time.monotonic() > self._shown + _PAUSE_SECONDS:
            self._show()

    def _show(self) -> None:
        self._shown = time.monotonic()
        # Behind what was counted may come what nobody counts.
        total = None if self._total is None else max(self._total, self._read)
        self._progress.update(self._task, completed=self._read, total=total)

    def judging(self) -> None:
        """Everything is read."""
        self._show()
        self._progress.update(self._task, description="judging")


class _Objects(ProgressColumn):
    """How many there were and, where somebody counts them, of how many."""

    def render(self, task: Task) -> Text:
        """The column of this task."""
        of = "" if task.total is None else f" of {task.total:.0f}"
        return Text(f"{task.completed:.0f}{of} objects")


@contextmanager
def working() -> Iterator[Working]:
    """Show progress where somebody looks at a terminal; how much there will be, only servers say."""
    console = Console(stderr=True, markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), _Objects())
    progress = Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal)
    timer = threading.Timer(PATIENCE_SECONDS, progress.start)
    timer.daemon = True
    timer.start()
    try:
        yield Working(progress)
    finally:
        timer.cancel()
        timer.join()
        progress.stop()

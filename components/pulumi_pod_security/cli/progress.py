"""A bar on the standard error while work goes on for longer than people like to wait in the dark."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["PATIENCE_SECONDS", "Working", "working"]

PATIENCE_SECONDS = 2.0
"""Work that is over sooner shows nothing."""


class Working:
    """What is told while working."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("reading", total=None)

    def read(self) -> None:
        """One more object was read."""
        self._progress.advance(self._task)

    def judging(self) -> None:
        """Everything is read."""
        self._progress.update(self._task, description="judging")


@contextmanager
def working() -> Iterator[Working]:
    """Show progress where somebody looks at a terminal; how much there will be, nobody knows before."""
    console = Console(stderr=True, markup=False)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} objects"))
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

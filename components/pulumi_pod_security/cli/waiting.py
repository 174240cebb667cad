"""What is waited for, told on the standard error: on a terminal in one line that changes, elsewhere line by line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pulumi_pod_security.cli.progress import PATIENCE_SECONDS
from pulumi_pod_security.report.harmless import harmless

__all__ = ["telling"]


@contextmanager
def telling() -> Iterator[Callable[[str], None]]:
    """A function that tells what is waited for now."""
    console = Console(stderr=True, markup=False)
    if not console.is_terminal:
        yield _Lines().tell
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    # What is printed meanwhile goes above the line, unless it goes elsewhere.
    with Progress(*columns, console=console, transient=True, redirect_stdout=sys.stdout.isatty()) as progress:
        task = progress.add_task("")
        yield lambda words: progress.update(task, description=harmless(words))


class _Lines:
    """One line for each new thing to say, none before people like to wait in the dark, and no two at once."""

    def __init__(self) -> None:
        self._said = ""
        self._at = time.monotonic()

    def tell(self, words: str) -> None:
        now = time.monotonic()
        if words != self._said and now - self._at >= PATIENCE_SECONDS:
            self._said, self._at = words, now
            typer.echo(harmless(words), err=True)

"""What a person sees while tools are made: a live line per tool on a terminal, a plain line now and then elsewhere.

Everything goes to standard error, so that what a command prints for a shell stays clean.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["INTERVAL", "Task", "plain", "say", "shown"]

INTERVAL = 20.0


class Task(Protocol):
    """A piece of work that people watch."""

    def at(self, phase: str) -> None:
        """Say what is being done now."""


class _Plain:
    """One line at the start, one every INTERVAL seconds, one at the end."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._phase = "starting"
        self._since = time.monotonic()

    def at(self, phase: str) -> None:
        self._phase = phase

    def line(self) -> None:
        say(f"{self._title}: {self._phase} ({time.monotonic() - self._since:.0f} s)")


def say(text: str) -> None:
    """Print one line for people."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def shown(title: str) -> Iterator[Task]:
    """Show the work done in the block, with its elapsed time, until it ends."""
    with (_live if sys.stderr.isatty() else plain)(title) as task:
        yield task


@contextmanager
def plain(title: str) -> Iterator[Task]:
    """Show it in lines, on any output and without any library."""
    task = _Plain(title)
    task.line()
    ended = threading.Event()

    def tick() -> None:
        while not ended.wait(INTERVAL):
            task.line()

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield task
        task.at("done")
    except BaseException:
        task.at("stopped")
        raise
    finally:
        ended.set()
        ticker.join()
        task.line()


@contextmanager
def _live(title: str) -> Iterator[Task]:
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        number = progress.add_task(title, total=1)

        class _Live:
            def at(self, phase: str) -> None:
                progress.update(number, description=f"{title}: {phase}")

        task = _Live()
        try:
            yield task
            progress.update(number, completed=1, description=f"{title}: done")
        except BaseException:
            task.at("stopped")
            raise

"""Waiting for the cluster to do what it was told, with the elapsed time before the user's eyes."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

__all__ = ["CONSOLE", "Timeout", "step", "until"]

CONSOLE = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
"""Where everything is shown; piped, the width does not depend on the terminal it was started from."""

T = TypeVar("T")


class Timeout(Exception):
    """Something did not happen in time."""


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show what is going on, and how long it took when it is done."""
    started = time.monotonic()
    with CONSOLE.status(f"{what} ..."):
        yield
    CONSOLE.print(f"[green]ok[/green] {what} [dim]({time.monotonic() - started:.1f} s)[/dim]")


def until(found: Callable[[], T | None], what: str, *, seconds: float = 60) -> T:
    """Ask until there is an answer; raises Timeout."""
    attempts = Retrying(
        stop=stop_after_delay(seconds), wait=wait_fixed(0.3), retry=retry_if_result(lambda answer: answer is None)
    )
    try:
        answer = attempts(found)
    except RetryError:
        raise Timeout(f"{what} did not happen within {seconds:g} s") from None
    assert answer is not None
    return answer

"""What the figures were taken on."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable

__all__ = ["machine", "median", "seconds"]


def machine() -> str:
    """One line about the processor count, the system and Python."""
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def seconds(act: Callable[[], object]) -> float:
    """How long `act` takes."""
    started = time.monotonic()
    act()
    return time.monotonic() - started


def median(figures: Iterable[float]) -> str:
    """The median with minimum and maximum, in seconds."""
    ordered = sorted(figures)
    return f"{statistics.median(ordered):.2f} s ({ordered[0]:.2f} to {ordered[-1]:.2f})"

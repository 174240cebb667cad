"""What the figures were taken on."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterable

__all__ = ["load", "machine", "median", "seconds"]


def machine() -> str:
    """One line about the processors and what else they do, the system and Python."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, load {load()}, {system}"


def load() -> str:
    """How many processes ran or waited during the last minute, on average; above the cores, figures are too high."""
    return f"{os.getloadavg()[0]:.1f}"


def seconds(act: Callable[[], object]) -> float:
    """How long `act` takes."""
    started = time.monotonic()
    act()
    return time.monotonic() - started


def median(figures: Iterable[float]) -> str:
    """The median with minimum and maximum, in seconds."""
    ordered = sorted(figures)
    return f"{statistics.median(ordered):.2f} s ({ordered[0]:.2f} to {ordered[-1]:.2f})"

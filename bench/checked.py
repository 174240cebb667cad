"""`python -m bench.checked FILE...`: check the files, and print what that took. It loads nothing else than it needs."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from pulumi_pod_security.admission.check import check

__all__ = ["Checked", "memory"]


class Checked(msgspec.Struct, kw_only=True):
    """What `check` took, and found.

    Attributes:
        at_rest, peak: memory in megabytes, before it began and at most.
        fault: the first, where there are any.
    """

    seconds: float
    at_rest: float
    peak: float
    fault: str | None


def _checked(paths: Sequence[str]) -> Checked:
    at_rest, started = memory("VmRSS"), time.monotonic()
    report = check(paths)
    took = time.monotonic() - started
    return Checked(
        seconds=took,
        at_rest=at_rest,
        peak=memory("VmHWM"),
        fault=str(report.faults[0]) if report.faults else None,
    )


def memory(name: str) -> float:
    """A line of what Linux tells of this process; `ru_maxrss` would begin with the memory of the one that forked it."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(_checked(sys.argv[1:])))

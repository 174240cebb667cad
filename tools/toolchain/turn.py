"""Only one run at a time changes the cache."""

from collections.abc import Iterator
from contextlib import contextmanager

from tools.toolchain.cache import changing
from tools.toolchain.progress import say

__all__ = ["turn"]


@contextmanager
def turn() -> Iterator[None]:
    """Wait until no other run builds; the lock is the operating system's, so a killed run leaves none behind."""
    from filelock import FileLock, Timeout

    with changing() as root:
        lock = FileLock(root / "lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            say("waiting for another run that is building the tools")
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

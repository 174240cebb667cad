"""Temporary folders that do not pile up: what a killed process could not remove goes when the next folder is made.

A folder in use is locked by the process that made it. The lock is the operating system's and ends with the process,
however that ended.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PREFIX", "scratch"]

PREFIX = ".pod-security-"
# Between the making of a folder and its lock lies a moment.
_YOUNG_SECONDS = 60


@contextlib.contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """A folder below `parent` for this block alone; left-overs of killed processes beside it are removed first."""
    for left in parent.glob(f"{PREFIX}*"):
        _remove_if_dead(left)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=PREFIX))
    try:
        with _locked(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_if_dead(folder: Path) -> None:
    # One that is in use, or that another process removes meanwhile, stays.
    with contextlib.suppress(OSError):
        if _may_be_dead(folder.lstat()):
            with _locked(folder):
                shutil.rmtree(folder)


def _may_be_dead(status: os.stat_result) -> bool:
    """Whether it is a folder of ours, and old enough to be locked by now; everyone may make links of that name."""
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
    return ours and time.time() - status.st_mtime > _YOUNG_SECONDS


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises BlockingIOError when another process holds it."""
    # A file and not the folder itself: a network file system locks only what is open for writing.
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)

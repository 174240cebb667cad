"""Where text comes from: files, folders with all they hold, and the standard input."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pulumi_pod_security.errors import Fault

__all__ = ["STDIN", "Source", "sources"]

STDIN = "-"
"""The path that means the standard input."""

SUFFIXES = (".yaml", ".yml", ".json")
"""Which files of a folder are read, as with `kubectl --filename`."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A text to read; `name` may be shown."""

    name: str
    path: Path | None

    def open(self) -> AbstractContextManager[IO[bytes]]:
        """The text as bytes. Raises OSError."""
        if self.path is not None:
            return self.path.open("rb")
        if sys.stdin is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return nullcontext(sys.stdin.buffer)


def sources(path: str | os.PathLike[str]) -> Iterator[Source | Fault]:
    """The file at the path, or every file of the folder and of those below, in the order of their names.

    Links to folders are not followed, so that this ends.
    """
    if path == STDIN:
        yield Source(name="stdin", path=None)
        return
    place = Path(path)
    if not os.path.isdir(path):
        yield Source(name=_shown(place), path=place)
        return
    faults: list[Fault] = []
    found = sorted(_files(place, faults))
    if not found and not faults:
        allowed = f"a folder that holds files ending in {', '.join(SUFFIXES)}"
        faults.append(Fault(path=_shown(place), value="no such file", allowed=allowed))
    yield from faults
    yield from (Source(name=_shown(file), path=file) for file in found)


def _files(folder: Path, faults: list[Fault]) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        faults.append(Fault(path=_shown(Path(error.filename)), value=error.strerror, allowed="a folder to read"))

    for place, _, names in os.walk(folder, onerror=unreadable):
        for name in names:
            file = Path(place, name)
            if file.suffix.lower() in SUFFIXES and not _is_waited_for(file):
                yield file


def _is_waited_for(file: Path) -> bool:
    """Whether it is a pipe or a device; one that is named itself, and not among the files of a folder, is meant."""
    try:
        mode = file.stat().st_mode
    except OSError:
        # Opening it tells why.
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _shown(path: Path) -> str:
    """The path, with what no terminal and no report can show written as escapes."""
    text = str(path)
    return text if text.isprintable() else text.encode("unicode_escape").decode()

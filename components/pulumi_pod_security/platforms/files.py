"""Files read and replaced whole: to the byte, in one step, and through symbolic links."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["read", "replace"]


def read(path: Path) -> str:
    """The text of a file with the line ends and the byte order mark it has; raises SwitchError."""
    # As bytes, because reading text would turn every line end into a newline.
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        raise SwitchError(f"{path} cannot be read: it is not UTF-8 text") from None
    except OSError as error:
        raise SwitchError(f"{path} cannot be read: {error.strerror or error}") from None


def replace(path: Path, text: str) -> None:
    """Write `text` in one step, so that neither a kubelet nor a killed run sees half of it; an equal file stays.

    A symbolic link stays too: what it points to is replaced.

    Raises:
        SwitchError: the file cannot be written.
    """
    if path.exists() and read(path) == text:
        return
    # Not Path.resolve, which in Python 3.11 and 3.12 answers a loop of links with a RuntimeError.
    target = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as temporary:
                temporary.write(text.encode())
                temporary.flush()
                os.fsync(temporary.fileno())
            _dress(name, target)
            os.replace(name, target)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise SwitchError(f"{path} cannot be written: {error.strerror or error}") from None


def _dress(name: str, like: Path) -> None:
    """Give a file the mode of the one it replaces, and its owner where we may."""
    if not like.exists():
        return
    present = like.stat()
    os.chmod(name, present.st_mode & 0o777)
    with contextlib.suppress(PermissionError):
        os.chown(name, present.st_uid, present.st_gid)

"""The command `pod-security`: what PodSecurityPolicy will do to workloads, and who may use which policy."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

__all__ = ["main"]


def main() -> None:
    """Run the command; the process ends with its exit code."""
    from pulumi_pod_security.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        # A name in an alphabet that the terminal does not know is no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        app(prog_name="pod-security")
    except OSError as error:
        # Of files it names them, and where they are opened, they are told; of a connection it has no number.
        if error.errno is None or error.filename is not None:
            raise
        _end(f"pod-security: standard output: {error.strerror!r}; allowed: a stream that can be written")


def _end(told: str) -> NoReturn:
    from pulumi_pod_security.cli.refusing import UNUSABLE

    # What it still holds would be written once more when the process ends.
    sys.stdout = None
    with suppress(OSError):
        print(told, file=sys.stderr)
    sys.exit(UNUSABLE)

"""The command `pod-security`: what PodSecurityPolicy will do to workloads, and who may use which policy."""

from __future__ import annotations

import sys
from io import TextIOWrapper

__all__ = ["main"]


def main() -> None:
    """Run the command; the process ends with its exit code."""
    from pulumi_pod_security.cli.app import app

    for stream in (sys.stdout, sys.stderr):
        # A name in an alphabet that the terminal does not know is no reason to fail.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="pod-security")

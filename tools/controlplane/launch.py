"""Become a component, tied to the supervisor's life.

Run as a script, without site-packages: `launch.py EVENTS COMPONENT COMMAND...`. It asks the kernel to kill the
process when supervisord dies, so that even a supervisor killed with SIGKILL leaves nothing behind, notes the exact
time of the start, and becomes the command.
"""

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

__all__ = ["main"]

PR_SET_PDEATHSIG = 1


def main(events: str, component: str, *command: str) -> None:
    """Replace this process by the command."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if b"supervisord" not in Path(f"/proc/{os.getppid()}/cmdline").read_bytes():
        sys.exit("the supervisor is gone")
    event = {"time": time.time(), "component": component, "kind": "started", "pid": os.getpid(), "command": command}
    # One write to a file opened for appending: lines of several components do not mix.
    descriptor = os.open(events, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, json.dumps(event).encode() + b"\n")
    os.close(descriptor)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Killing a run of the CLI as the kernel kills: everything of it at once, with no time to clean up."""

import contextlib
import os
import subprocess
from collections.abc import Iterator

import psutil

__all__ = ["kill"]


def kill(run: subprocess.Popen[str]) -> None:
    """Kill the CLI and all it started: language host, providers and their children are in groups of their own."""
    while members := list(_session(run.pid)):
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(members, timeout=60)
    run.communicate()


def _session(leader: int) -> Iterator[psutil.Process]:
    """The living processes of a session, which new process groups do not leave."""
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader and process.info["status"] != psutil.STATUS_ZOMBIE:
                yield process

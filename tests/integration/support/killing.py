"""Killing a run of the CLI as the kernel kills: everything of it at once, with no time to clean up."""

import subprocess

from tools.stack import end_session

__all__ = ["kill"]


def kill(run: subprocess.Popen[str]) -> None:
    """Kill the CLI and all it started."""
    end_session(run.pid)
    run.communicate()

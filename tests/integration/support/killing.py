"""Killing a run of the CLI as the kernel kills: everything of it at once, with no time to clean up."""

import subprocess
from collections.abc import Callable

from tests.integration.support.project import Project
from tests.integration.support.sight import wait
from tools.stack import end_session

__all__ = ["kill", "killed"]


def killed(project: Project, arguments: tuple[str, ...], moment: Callable[[], bool]) -> None:
    """Start a run, kill it at the moment, and let go of what it held."""
    run: subprocess.Popen[str] = project.stack.start(*arguments)
    try:
        wait(lambda: moment() or run.poll() is not None or None, "the moment to kill")
        assert run.poll() is None, run.communicate()[0]
    finally:
        kill(run)
    project.stack.select()


def kill(run: subprocess.Popen[str]) -> None:
    """Kill the CLI and all it started."""
    end_session(run.pid)
    run.communicate()

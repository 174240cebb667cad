"""A Pulumi stack driven through the real CLI, with its state in a folder and nothing asked of any service."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tools.toolchain import environment

__all__ = ["Finished", "Stack", "end_session"]


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run of the CLI that came to its end.

    Attributes:
        code: the exit code.
        output: all that was written, errors included.
    """

    code: int
    output: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One stack of the program in `project`.

    Attributes:
        project: the folder of Pulumi.yaml.
        state: the folder that keeps states, plugins and the CLI's own settings.
        name: the stack's name.
        variables: environment variables beyond those that keep the CLI local and quiet.
    """

    project: Path
    state: Path
    name: str
    variables: Mapping[str, str] = field(default_factory=dict)

    def select(self) -> None:
        """Make the stack if it does not exist; let go of a lock whose holder was killed."""
        (self.state / "backend").mkdir(parents=True, exist_ok=True)
        # The kubernetes provider leaves kubeconfigs in its temporary folder.
        shutil.rmtree(self.state / "tmp", ignore_errors=True)
        (self.state / "tmp").mkdir(mode=0o700)
        done = self.run("stack", "select", "--create", self.name)
        if done.code != 0:
            raise RuntimeError(f"pulumi stack select failed:\n{done.output}")
        if self._abandoned():
            self.run("cancel", "--yes")

    def run(self, *arguments: str) -> Finished:
        """Run the CLI to its end and keep what it writes."""
        done = subprocess.run(
            self._command(arguments),
            cwd=self.project,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Finished(code=done.returncode, output=done.stdout)

    def show(self, *arguments: str) -> int:
        """Run the CLI to its end before the user's eyes; its exit code."""
        sys.stdout.flush()
        run = subprocess.Popen(
            self._command(arguments),
            cwd=self.project,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return run.wait()
        except KeyboardInterrupt:
            # The CLI lets what it has begun come to its end and records it.
            run.send_signal(signal.SIGINT)
            run.wait()
            raise
        finally:
            end_session(run.pid)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the CLI in a process group of its own and leave it running."""
        return subprocess.Popen(
            self._command(arguments),
            cwd=self.project,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def resources(self) -> list[dict[str, Any]]:
        """What the state records."""
        exported = json.loads(self.run("stack", "export").output)
        return list(exported["deployment"].get("resources") or ())

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        named = [] if arguments[:2] == ("stack", "select") else ["--stack", self.name]
        return ["pulumi", *arguments, *named, "--non-interactive"]

    def _environment(self) -> dict[str, str]:
        found = environment(pulumi_home=self.state / "home")
        # The language host 3.57.1 does not read runtime.options: it runs the python3 of PATH.
        path = os.pathsep.join((str(Path(sys.executable).parent), found["PATH"]))
        local = {
            "PATH": path,
            "PULUMI_BACKEND_URL": f"file://{self.state / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "TMPDIR": str(self.state / "tmp"),
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        }
        return {**os.environ, **found, **local, **self.variables}

    def _abandoned(self) -> bool:
        locks = list((self.state / "backend").glob(f".pulumi/locks/**/{self.name}/*.json"))
        return bool(locks) and not any(psutil.pid_exists(json.loads(lock.read_text())["pid"]) for lock in locks)


def end_session(leader: int) -> None:
    """Kill what is left of a run of the CLI: language host, providers and their children are in groups of their own."""
    while members := list(_session(leader)):
        for member in members:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(members, timeout=60)


def _session(leader: int) -> Iterator[psutil.Process]:
    """The living processes of a session, which new process groups do not leave."""
    for process in psutil.process_iter(["status"]):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if os.getsid(process.pid) == leader and process.info["status"] != psutil.STATUS_ZOMBIE:
                yield process

"""A Pulumi stack driven through the real CLI, with its state in a folder and nothing asked of any service."""

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tools.toolchain import binary, environment

__all__ = ["Finished", "Stack"]

_PROVIDER = "pulumi-resource-kubernetes"


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
        self._install_provider()
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
        return subprocess.run(
            self._command(arguments), cwd=self.project, env=self._environment(), stdin=subprocess.DEVNULL, check=False
        ).returncode

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

    def _install_provider(self) -> None:
        """Put the kubernetes provider where the CLI looks for plugins: found on PATH, it warns at every run."""
        version = importlib.metadata.version("pulumi-kubernetes")
        link = self.state / "home" / "plugins" / f"resource-kubernetes-v{version}" / _PROVIDER
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(binary(_PROVIDER))

    def _command(self, arguments: tuple[str, ...]) -> list[str]:
        named = [] if arguments[:2] == ("stack", "select") else ["--stack", self.name]
        return ["pulumi", *arguments, *named, "--non-interactive"]

    def _environment(self) -> dict[str, str]:
        found = environment()
        # The language host 3.57.1 does not read runtime.options: it runs the python3 of PATH.
        path = os.pathsep.join((str(Path(sys.executable).parent), found["PATH"]))
        local = {
            "PATH": path,
            "PULUMI_HOME": str(self.state / "home"),
            "PULUMI_BACKEND_URL": f"file://{self.state / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        }
        return {**os.environ, **found, **local, **self.variables}

    def _abandoned(self) -> bool:
        locks = list((self.state / "backend").glob(f".pulumi/locks/**/{self.name}/*.json"))
        return bool(locks) and not any(psutil.pid_exists(json.loads(lock.read_text())["pid"]) for lock in locks)

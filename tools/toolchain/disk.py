"""Refuses to start what the disk cannot hold: a compiler that runs out of room says so late and not plainly."""

import math
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from tools.toolchain.cache import CACHE_VARIABLE, cache_root, work
from tools.toolchain.errors import ToolchainError
from tools.toolchain.recipes import Recipe

__all__ = ["gigabytes", "require_room"]

_GIGABYTE = 10**9


def require_room(recipes: Iterable[Recipe]) -> None:
    """Raise when making the recipes takes more than is free; what an interrupted run left counts as done."""
    recipes = tuple(recipes)
    needed = sum(recipe.gigabytes for recipe in recipes)
    free = shutil.disk_usage(cache_root()).free / _GIGABYTE
    if free < needed and free + gigabytes(work()) < needed:
        raise ToolchainError(
            f"no disk: {free:.1f} GB are free in {cache_root()} and making {', '.join(r.title for r in recipes)} takes "
            f"{math.ceil(needed)} GB for a while; free some, or name a folder on a larger disk in {CACHE_VARIABLE}"
        )


def gigabytes(folder: Path) -> float:
    """The disk space that the files of a folder take."""
    files = (os.lstat(os.path.join(parent, name)) for parent, _, names in os.walk(folder) for name in names)
    return sum(file.st_blocks * 512 for file in files) / _GIGABYTE

"""Where the toolchain keeps its files: one folder per recipe, named by the digest of everything the result depends on.

tools/<recipe>-<version>-<digest>   finished binaries, renamed into place as a whole
path/<digest>                       links to the chosen binaries, for PATH
work                                what a build leaves and needs again when it was interrupted
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path

from tools.toolchain.errors import ToolchainError
from tools.toolchain.recipes import GoBuild, Recipe, Wheel

__all__ = ["CACHE_VARIABLE", "MODULES", "WHEELS", "cache_root", "changing", "digest", "folder", "sources", "work"]

CACHE_VARIABLE = "POD_SECURITY_CACHE"
MODULES = Path(__file__).parent / "modules"
WHEELS = Path(__file__).parent / "wheels"


def cache_root() -> Path:
    """The per-user cache: POD_SECURITY_CACHE, or the platform's usual place."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("pulumi-pod-security"))


@contextmanager
def changing() -> Iterator[Path]:
    """The cache's root, made if need be, for a block that writes there; raises ToolchainError when it cannot."""
    root = cache_root()
    try:
        root.mkdir(parents=True, exist_ok=True)
        yield root
    except OSError as error:
        named = os.environ.get(CACHE_VARIABLE)
        what = f"{CACHE_VARIABLE}={named!r}" if named else f"the cache {str(root)!r}"
        at = f" ({error.filename})" if error.filename not in (None, str(root)) else ""
        raise ToolchainError(
            f"{what} cannot be used: {error.strerror or error}{at}: make it a folder that you may write to, "
            f"or name another one in {CACHE_VARIABLE}"
        ) from error


def work() -> Path:
    """The folder that is dropped once everything is built."""
    return cache_root() / "work"


def folder(recipe: Recipe) -> Path:
    """Where the recipe's binaries are once they are finished; existing means complete."""
    return cache_root() / "tools" / f"{recipe.title}-{digest(recipe)}"


@cache
def digest(recipe: Recipe) -> str:
    """Names the result: how it is made, the bytes of its pins and sources, and the platform."""
    made = [recipe.title, platform.system(), platform.machine(), *map(asdict, recipe.steps)]
    content = hashlib.sha256(json.dumps(made, sort_keys=True).encode())
    for step in recipe.steps:
        for path in sources(step):
            content.update(path.name.encode())
            content.update(path.read_bytes())
    return content.hexdigest()[:12]


def sources(step: GoBuild | Wheel) -> list[Path]:
    """The committed files a step is made from."""
    if isinstance(step, Wheel):
        return [WHEELS / step.requirements]
    module = MODULES / step.folder
    return [module / "go.mod", module / "go.sum", *sorted(module.glob("*.go"))]

"""Which file serves as a tool: the one a variable names, else our own if it is made, else a fitting one on PATH."""

import os
import shutil
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tools.toolchain.asking import fits, version_of
from tools.toolchain.cache import folder
from tools.toolchain.errors import ToolchainError
from tools.toolchain.recipes import RECIPES, Binary, Recipe

__all__ = ["Choice", "chosen", "missing", "selected", "variable"]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The file that serves as a tool, and what led to it."""

    path: Path
    origin: str


def variable(name: str) -> str:
    """The environment variable that names a binary to use: POD_SECURITY_KUBE_APISERVER for kube-apiserver."""
    return f"POD_SECURITY_{name.upper().replace('-', '_')}"


def chosen(recipe: Recipe, binary: Binary) -> Choice | None:
    """The file to use for the recipe's binary, None when it has to be made first."""
    return _named(binary) or _own(recipe, binary) or _on_path(binary)


def missing(recipes: Iterable[Recipe]) -> list[Recipe]:
    """The recipes of which at least one binary is neither there nor replaced by a fitting one."""
    return [recipe for recipe in recipes if not all(chosen(recipe, binary) for binary in recipe.binaries)]


def selected(names: Iterable[str]) -> list[Recipe]:
    """The recipes meant by names of recipes ("kwok", "kubernetes-1.24.17") or of binaries; all of them by no name."""
    names = list(names)
    known = {name for recipe in RECIPES for name in _names(recipe)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ToolchainError(f"unknown tool {unknown[0]!r}; known are {', '.join(sorted(known))}")
    return [recipe for recipe in RECIPES if not names or _names(recipe) & set(names)]


def _names(recipe: Recipe) -> set[str]:
    return {recipe.name, recipe.title, *(binary.name for binary in recipe.binaries)}


def _named(binary: Binary) -> Choice | None:
    name = variable(binary.name)
    value = os.environ.get(name)
    if not value:
        return None
    version = version_of(Path(value), binary)
    if fits(binary, version) and _complete(Path(value), binary):
        return Choice(path=Path(value).absolute(), origin=name)
    if any(fits(other, version) for recipe in RECIPES for other in recipe.binaries if other.name == binary.name):
        return None
    beside = f" with {', '.join(binary.companions)} beside it" if binary.companions else ""
    raise ToolchainError(
        f"{name}={value!r} prints version {version}; needed is {binary.name} {binary.fits}{beside}: "
        f"name such a file or unset {name}"
    )


def _own(recipe: Recipe, binary: Binary) -> Choice | None:
    path = folder(recipe) / binary.name
    return Choice(path=path, origin="built") if _runs(path) and _complete(path, binary) else None


def _on_path(binary: Binary) -> Choice | None:
    found = shutil.which(binary.name)
    if found and _complete(Path(found), binary) and fits(binary, version_of(Path(found), binary)):
        return Choice(path=Path(found).absolute(), origin="PATH")
    return None


def _complete(path: Path, binary: Binary) -> bool:
    """Whether the files it needs lie beside it, also when it is reached by a link."""
    return all(_runs(path.resolve().parent / companion) for companion in binary.companions)


def _runs(path: Path) -> bool:
    """Whether a file can be run: a power cut or a full disk leaves empty ones."""
    try:
        status = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size > 0 and os.access(path, os.X_OK)

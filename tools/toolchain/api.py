"""What other tools of this repository ask for: a binary, or an environment in which all of them are found."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tools.toolchain.cache import cache_root
from tools.toolchain.choose import chosen, missing, selected
from tools.toolchain.errors import ToolchainError
from tools.toolchain.recipes import RECIPES, Recipe

__all__ = ["binary", "ensure", "environment", "links"]

_QUIET_PULUMI = {
    "PULUMI_SKIP_UPDATE_CHECK": "1",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
}


def binary(name: str, *, version: str | None = None) -> Path:
    """The file to run as `name`; made first when it is missing. The first version in the table by default."""
    for recipe in RECIPES:
        for candidate in recipe.binaries:
            if candidate.name == name and version in (None, recipe.version):
                ensure([recipe])
                choice = chosen(recipe, candidate)
                assert choice, f"{recipe.title} was made, so {name} is there"
                return choice.path
    made = ", ".join(f"{known.name} {recipe.version}" for recipe in RECIPES for known in recipe.binaries)
    raise ToolchainError(f"no recipe for {name} {version or ''}: there are {made}")


def ensure(recipes: Iterable[Recipe] = RECIPES) -> None:
    """Make what is missing; returns at once when nothing is."""
    recipes = tuple(recipes)
    if missing(recipes):
        from tools.toolchain.install import install

        install(lambda: missing(recipes))


def environment() -> dict[str, str]:
    """Variables to set over a process' own: the tools first on PATH, and a Pulumi CLI that stays off the network."""
    ensure()
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": f"{links()}{os.pathsep}{path}"} | _QUIET_PULUMI


def links() -> Path:
    """The one folder in which every chosen binary is found; named by its content, so that it never changes."""
    targets = _targets()
    name = hashlib.sha256(repr(sorted(targets.items())).encode()).hexdigest()[:12]
    folder = cache_root() / "path" / name
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(dir=folder.parent))
        for link, target in targets.items():
            (scratch / link).symlink_to(target)
        _into_place(scratch, folder)
    return folder


def _targets() -> dict[str, str]:
    """Link name to file, companions included; of several versions the first in the table."""
    targets: dict[str, str] = {}
    for recipe in selected([]):
        for tool in recipe.binaries:
            choice = chosen(recipe, tool)
            if choice and tool.name not in targets:
                beside = choice.path.resolve().parent
                targets |= {tool.name: str(choice.path)} | {name: str(beside / name) for name in tool.companions}
    return targets


def _into_place(scratch: Path, folder: Path) -> None:
    try:
        scratch.rename(folder)
    except OSError:
        # Another run was first; its folder has the same name and so the same content.
        if not folder.exists():
            raise
        shutil.rmtree(scratch)

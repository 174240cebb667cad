"""What other tools of this repository ask for: a binary, or an environment in which all of them are found."""

import os
from collections.abc import Iterable
from pathlib import Path

from tools.toolchain.choose import chosen, missing
from tools.toolchain.errors import ToolchainError
from tools.toolchain.links import PROVIDER, add_provider, linked, targets
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


def environment(*, pulumi_home: Path | None = None) -> dict[str, str]:
    """Variables to set over a process' own: the tools first on PATH, and a Pulumi CLI that stays off the network.

    Given Pulumi's home folder, the provider is put into the plugin cache there. Otherwise it is on PATH, where the CLI
    finds it too, but warns of it at every run.
    """
    ensure()
    found = targets()
    if pulumi_home:
        add_provider(pulumi_home, found.pop(PROVIDER))
    settings = {"PULUMI_HOME": str(pulumi_home)} if pulumi_home else {}
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": f"{linked(found)}{os.pathsep}{path}"} | _QUIET_PULUMI | settings


def links() -> Path:
    """The one folder in which every chosen binary is found."""
    return linked(targets())

"""Folders in which processes find the chosen binaries: one for PATH, one in Pulumi's plugin cache."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from tools.scratch import scratch
from tools.toolchain.cache import cache_root, changing
from tools.toolchain.choose import chosen
from tools.toolchain.recipes import RECIPES

__all__ = ["PROVIDER", "add_provider", "linked", "targets"]

PROVIDER = "pulumi-resource-kubernetes"


def targets() -> dict[str, Path]:
    """Every command and companion, and the file chosen for it; of several versions the first in the table."""
    found: dict[str, Path] = {}
    for recipe in RECIPES:
        for binary in recipe.binaries:
            choice = chosen(recipe, binary)
            if choice and binary.name not in found:
                beside = choice.path.resolve().parent
                found |= {binary.name: choice.path} | {name: beside / name for name in binary.companions}
    return found


def linked(found: Mapping[str, Path]) -> Path:
    """A folder of links to these files; named by its content, so that it never changes once it is there."""
    content = repr(sorted((name, str(path)) for name, path in found.items()))
    folder = cache_root() / "path" / hashlib.sha256(content.encode()).hexdigest()[:12]
    # What cannot be looked at cannot be written either, and that has an error of its own.
    if not os.path.isdir(folder):
        with changing():
            folder.parent.mkdir(exist_ok=True)
            with scratch(folder.parent) as aside:
                links = aside / folder.name
                links.mkdir()
                for name, path in found.items():
                    (links / name).symlink_to(path)
                _into_place(links, folder)
    return folder


def add_provider(pulumi_home: Path, path: Path) -> None:
    """Put the provider into the plugin cache of a Pulumi home, as if the CLI had installed it."""
    version = next(recipe.version for recipe in RECIPES for binary in recipe.binaries if binary.name == PROVIDER)
    folder = pulumi_home / "plugins" / f"resource-kubernetes-v{version}"
    link = folder / PROVIDER
    if link.is_symlink() and link.readlink() == path:
        return
    folder.mkdir(parents=True, exist_ok=True)
    with scratch(pulumi_home) as aside:
        made = aside / PROVIDER
        made.symlink_to(path)
        os.replace(made, link)


def _into_place(links: Path, folder: Path) -> None:
    try:
        links.rename(folder)
    except OSError:
        # Another run was first; its folder has the same name and so the same content.
        if not folder.exists():
            raise

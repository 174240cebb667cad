"""Tests lie as what they test does: a folder per room, a file per module."""

from __future__ import annotations

import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import pulumi_pod_security as ps
import stacks

UNIT = Path(__file__).parent
FILES = sorted(UNIT.glob("*/test_*.py"))


def modules(package: ModuleType) -> dict[str, set[str]]:
    """The names of a package's modules, by the name of the package they are in."""
    found: dict[str, set[str]] = {}
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        parent, _, name = module.name.rpartition(".")
        found.setdefault(parent.rpartition(".")[2], set()).add(name)
    return found


# `stacks` has one public function of its own, in no module below it.
NAMES = {**modules(ps), "stacks": {*modules(stacks)["stacks"], *stacks.__all__}}


def test_there_are_rooms_and_files() -> None:
    """What is compared below is there."""
    assert {"cluster", "platforms", "policy", "resources", "targets", "testing"} <= set(NAMES)
    assert len(FILES) > len(NAMES)


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_a_file_is_named_after_its_module(file: Path) -> None:
    """`test_<module>.py` or `test_<module>_<topic>.py`: whoever changes a module finds its tests."""
    words = file.stem.split("_")[1:]
    assert NAMES[file.parent.name] & {"_".join(words[:length]) for length in range(1, len(words) + 1)}

"""What the documents beside the README say of the repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pulumi_pod_security as ps
from tests.unit.support.documents import ROOT, codes, table, text

LAYOUT = [path for paths in table("CONTRIBUTING.md", "folder") for path in codes(paths)]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


@pytest.mark.parametrize("path", LAYOUT)
def test_every_folder_of_the_layout_exists(path: str) -> None:
    """A reader who looks for where code goes finds the place."""
    assert (ROOT / path).is_dir()


def test_the_layout_has_every_folder() -> None:
    """No room of the package and no folder with Python in it is left out."""
    rooms = [folder for folder in Path(ps.__path__[0]).iterdir() if (folder / "__init__.py").exists()]
    tops = [folder for folder in ROOT.iterdir() if folder.name[0] != "." and any(folder.rglob("*.py"))]
    assert rooms
    assert {str(folder.relative_to(ROOT)) for folder in (*rooms, *tops)} - {"components"} <= set(LAYOUT)


def test_the_index_has_one_line_for_each_decision() -> None:
    """In their order, each with its own title."""
    assert DECISIONS
    lines = re.findall(r"^(\d+)\. \[(.+)\]\((.+)\)$", text("docs/adr/README.md"), re.MULTILINE)
    headings = [re.match(r"# (\d+)\. (.+)", path.read_text(encoding="utf-8")) for path in DECISIONS]
    assert lines == [
        (*heading.groups(), path.name) for heading, path in zip(headings, DECISIONS, strict=True) if heading
    ]

"""Rules that Kubernetes made are written down with the file and the version they come from."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

import pulumi_pod_security as ps

PACKAGE = Path(ps.__path__[0])
RULED = ("policy", "targets")
ELSEWHERE = ("cluster/canaries", "admission/workloads", "cluster/questions", "platforms/clusterconfiguration")
OURS = {f"policy/{name}" for name in ("baseline", "config", "frozen", "model", "naming", "reading", "spelling")}
"""Modules of those rooms without a rule that is Kubernetes' own."""

IN_ROOMS = {
    str(path.relative_to(PACKAGE).with_suffix(""))
    for room in RULED
    for path in (PACKAGE / room).rglob("*.py")
    if path.stem != "__init__"
}
GO_FILE = re.compile(r"\w\.go\b")
VERSION = re.compile(r"\bv\d+\.\d+\.\d+\b")
DOCUMENTATION = re.compile(r"documentation for \d+\.\d+")


def source(module: str) -> str:
    """The text of a module."""
    return (PACKAGE / f"{module}.py").read_text(encoding="utf-8")


def remarks(text: str) -> Iterator[str]:
    """Every docstring, those of constants too, and every comment, its lines together."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    for is_comment, lines in groupby(
        (token for token in tokens if token.type != tokenize.NL), key=lambda token: token.type == tokenize.COMMENT
    ):
        if is_comment:
            yield "\n".join(token.string for token in lines)


@pytest.mark.parametrize("module", sorted({*IN_ROOMS, *ELSEWHERE} - OURS))
def test_a_module_of_rules_names_their_source(module: str) -> None:
    """Who doubts a rule can look it up: in a Go file of a version, or in the documentation for one."""
    assert any(
        (GO_FILE.search(remark) and VERSION.search(remark)) or DOCUMENTATION.search(remark)
        for remark in remarks(source(module))
    )


@pytest.mark.parametrize("module", [str(path.relative_to(PACKAGE))[:-3] for path in sorted(PACKAGE.rglob("*.py"))])
def test_a_file_is_named_with_its_version(module: str) -> None:
    """A rule's file without its version is another rule tomorrow."""
    bare = [remark for remark in remarks(source(module)) if GO_FILE.search(remark) and not VERSION.search(remark)]
    assert bare == []


def test_what_is_ours_alone_is_there() -> None:
    """A module that went or moved is no exception any more."""
    assert OURS <= IN_ROOMS

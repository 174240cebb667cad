"""The table of a terminal."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from pulumi_pod_security.admission.check import check
from pulumi_pod_security.report.review import Review
from pulumi_pod_security.report.table import print_table
from tests.unit.support.terminal import HOSTILE, TREE, deployment


def shown(*objects: dict[str, Any], width: int = 100, colour: str | None = "standard") -> str:
    """What a terminal of that width gets."""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system=colour, width=width, markup=False, highlight=False)  # type: ignore[arg-type]
    print_table(Review(report=check(objects), notes=("a note",)), console)
    return stream.getvalue()


def plain(text: str) -> str:
    """The text without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_row_for_each_workload() -> None:
    """Verdict, policy, and what it is about."""
    lines = plain(shown(*TREE)).splitlines()
    assert lines[0].split() == ["workload", "verdict", "policy", "changes", "and", "reasons"]
    row = next(line for line in lines if line.startswith("shop/Deployment/web"))
    assert row.split()[1:4] == ["admitted", "default", "writes"]
    assert "notes:\n  a note\n2 workloads: 1 admitted, 1 refused" in plain(shown(*TREE))


def test_verdicts_have_colours() -> None:
    """Green and red; none where there are none to be."""
    assert "\x1b[32madmitted" in shown(*TREE)
    assert "\x1b[1;31mrefused" in shown(*TREE)
    assert "\x1b[3" not in shown(*TREE, colour=None)


@pytest.mark.parametrize("width", [1, 60, 250])
def test_any_width_will_do(width: int) -> None:
    """What does not fit is folded, not cut."""
    text = plain(shown(*TREE, deployment("q" * 300), width=width))
    assert text.count("q") in (300, 600)


def test_hostile_names_are_harmless() -> None:
    """They are no markup and no control codes; only colours of ours are there."""
    text = plain(shown(*TREE, deployment(HOSTILE)))
    assert "[red]" in text
    assert [found for found in text if not found.isprintable() and found != "\n"] == []


def test_long_tables_have_one_heading() -> None:
    """They are printed in parts, so that the first rows come at once."""
    lines = plain(shown(*TREE[:4], *(deployment(f"web-{number}") for number in range(250)))).splitlines()
    assert sum(line.startswith("workload ") for line in lines) == 1
    assert sum(line.startswith("shop/Deployment/web-") for line in lines) == 250
    assert "" not in lines

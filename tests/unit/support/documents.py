"""The documents of the repository, and their tables."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = ["ROOT", "codes", "table", "text"]

ROOT = Path(__file__).resolve().parents[3]
_CELL = re.compile(r"(?<!\\)\|")


def text(name: str) -> str:
    """A document."""
    return (ROOT / name).read_text(encoding="utf-8")


def table(name: str, heading: str) -> dict[str, str]:
    """The rows of the table whose first column has this heading: what the second says of the first."""
    lines = text(name).splitlines()
    (start,) = [number for number, line in enumerate(lines) if line.startswith(f"| {heading} |")]
    rows: dict[str, str] = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        _, first, second, _ = _CELL.split(line)
        assert first.strip() not in rows
        rows[first.strip()] = second.strip()
    assert rows
    return rows


def codes(cell: str) -> list[str]:
    """What a cell names as code."""
    return re.findall(r"`([^`]+)`", cell)

"""Texts as they were reviewed."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["GOLDEN", "require_golden"]

GOLDEN = Path(__file__).parents[2] / "golden"


def require_golden(name: str, text: str) -> None:
    """Fail where the text is not that of the file; UPDATE_GOLDEN=1 writes the file anew."""
    golden = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert golden.read_text(encoding="utf-8") == text

"""Text that may be shown."""

from __future__ import annotations

import json

import pytest

from pulumi_pod_security.report.harmless import LONGEST, escaped, harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("shop/Deployment/cart", "shop/Deployment/cart"),
        ("корзина 購物車 سلة", "корзина 購物車 سلة"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("a\u202eb\u200bc", "a\\u202eb\\u200bc"),
        ("\ud800", "\\ud800"),
        ("[red]a[/]", "[red]a[/]"),
        (7, "7"),
    ],
)
def test_what_no_terminal_should_get_is_spelled_out(text: object, shown: str) -> None:
    """Every alphabet stays as it is."""
    assert harmless(text) == shown


def test_long_texts_are_cut() -> None:
    """It is told by how much."""
    assert harmless("x" * LONGEST) == "x" * LONGEST
    assert harmless("x" * (LONGEST + 5)) == "x" * LONGEST + "... (5 more characters)"


def test_json_keeps_its_meaning() -> None:
    """Whatever is not printable is written as JSON's own escape, beyond 16 bits as two."""
    data = {"a\x9b": "корзина\u202e\U000e0001\ud800\n"}
    text = escaped(json.dumps(data, ensure_ascii=False, indent=2))
    assert json.loads(text) == data
    assert "корзина\\u202e\\udb40\\udc01\\ud800\\n" in text

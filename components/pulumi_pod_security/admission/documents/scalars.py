"""What a plain YAML scalar means to kubectl, whose parser is go-yaml v2: YAML 1.1 without its times and base 60.

`yes`, `y` and `on` are true, `0777` is octal, and `22:22` and `2024-01-01` are strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["as_key", "plain"]

Scalar = str | int | float | bool | None

_WORDS: Mapping[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **{word: float("inf") for word in (".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF")},
    **{word: float("-inf") for word in ("-.inf", "-.Inf", "-.INF")},
    **{word: float("nan") for word in (".nan", ".NaN", ".NAN")},
}
_NUMERIC = frozenset("0123456789+-.")
_INTEGERS = (
    (re.compile(r"[-+]?(?:0|[1-9][0-9]*)"), 10),
    (re.compile(r"[-+]?0x[0-9a-fA-F]+"), 16),
    (re.compile(r"[-+]?0o?[0-7]+"), 8),
    (re.compile(r"[-+]?0b[01]+"), 2),
)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# No number is written longer, and turning long texts into numbers takes time by the square.
_LONGEST = 64


def plain(text: str) -> Scalar:
    """The value of a scalar that stands without quotes and without a tag."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC or len(text) > _LONGEST:
        return text
    digits = text.replace("_", "")
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(digits):
            number = int(digits.replace("o", ""), base)
            return number if -(1 << 63) <= number < 1 << 64 else float(number)
    return _whole(float(digits)) if _FLOAT.fullmatch(digits) else text


def _whole(number: float) -> int | float:
    """Go writes a float without a fraction as JSON writes an integer, and so it is read as one."""
    return int(number) if abs(number) < 1 << 63 and number.is_integer() else number


def as_key(value: Scalar) -> str | None:
    """The value as the key of a mapping, which JSON has as text only; none for a null."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)

"""Text from manifests and servers as a terminal, a log and a report may show it.

A name may be of any alphabet. It may also hold what moves a terminal's cursor, turns the writing around or is a
megabyte long, and must then still be one short line.
"""

from __future__ import annotations

import re
from typing import Final

from pulumi_pod_security.errors import printable

__all__ = ["LONGEST", "escaped", "harmless"]

LONGEST: Final = 2000
"""How much of one text is shown."""

_SUSPECT = re.compile(r"[^ -~]")


def harmless(text: object) -> str:
    """The text on one line, without what no terminal should get, and cut when it is very long."""
    told = str(text)
    beyond = len(told) - LONGEST
    shown = printable(told[:LONGEST]).replace("\n", "\\n")
    return f"{shown}... ({beyond} more characters)" if beyond > 0 else shown


def escaped(text: str) -> str:
    """JSON without a character that is no printable one: inside of its strings all of them have an escape."""
    return _SUSPECT.sub(lambda found: found[0] if found[0] == "\n" else _json_escape(found[0]), text)


def _json_escape(character: str) -> str:
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

"""How Go prints the values in the plugin's sentences: strings as %q, the rest as %v or %#v."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pulumi_pod_security.policy.model import IDRange

__all__ = ["UNSET", "capabilities", "groups", "quoted", "ranges"]

UNSET = '"null"'
"""A pointer to nothing, in an `Invalid value`."""

_ESCAPES = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    "\\": r"\\",
    '"': r"\"",
}


def quoted(text: str) -> str:
    """The text in Go's quotes."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_escaped, text)) + '"'


def ranges(ids: Iterable[IDRange]) -> str:
    """Ranges of ids, `[{1 2} {5 9}]`."""
    return "[" + " ".join(f"{{{each.min} {each.max}}}" for each in ids) + "]"


def groups(ids: Sequence[int] | None) -> str:
    """A list of group ids as Go source."""
    return "[]int64(nil)" if ids is None else "[]int64{" + ", ".join(map(str, ids)) + "}"


def capabilities(names: Sequence[str] | None) -> str:
    """A list of capabilities as Go source."""
    return "[]core.Capability(nil)" if names is None else "[]core.Capability{" + ", ".join(map(quoted, names)) + "}"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character.isprintable():
        return character
    code = ord(character)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"

"""JSON in pieces that are JSON still: the items of a list one by one, and of a large list not even its text at once.

Of two equal keys the later counts, as for an API server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pulumi_pod_security.admission.documents.chunks import LARGEST, Chunk, too_large
from pulumi_pod_security.admission.documents.document import Entries, Unreadable, is_list

__all__ = ["is_long_list", "parsed", "streamed"]


_ABSENT = msgspec.Raw()
# A list as kubectl and others print it, an item below the other. JSON has no line ends but between its parts, so that
# an item ends at the next line that begins with as many spaces and a brace.
_OPENING = re.compile(
    rb'\s*\{\s*(?:"(?:apiVersion|kind)"\s*:\s*"[^"]*"\s*,\s*|"metadata"\s*:\s*\{[^{}]*\}\s*,\s*)*"items"\s*:\s*\['
    rb"(?=(\r?\n[ \t]*)\{)"
)


class _Shape(msgspec.Struct, rename="camel"):
    """What tells a list from other objects."""

    api_version: Any = None
    kind: Any = None
    spec: msgspec.Raw = _ABSENT
    items: msgspec.Raw = _ABSENT


_read_shape = msgspec.json.Decoder(_Shape).decode
_read_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_raw = msgspec.json.Decoder(msgspec.Raw).decode
_read = msgspec.json.Decoder().decode


def parsed(text: bytes) -> Entries:
    """The document, in pieces.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: before a piece is taken, when the text is no JSON.
        Unreadable: a piece is too deep, or holds no text.
    """
    try:
        if not text.lstrip().startswith(b"{"):
            yield None, _read(text)
            return
        shape = _read_shape(text)
        rest = _listing(shape)
        if rest is None:
            yield None, _checked(msgspec.Raw(text))
            return
        for index, item in enumerate(_read_items(shape.items)):
            yield index, _checked_item(index, item)
        yield None, rest
    except RecursionError:
        allowed = "lists and mappings of some hundred levels"
        raise Unreadable(line=None, found="too many levels", allowed=allowed) from None


def is_long_list(chunk: Chunk) -> bool:
    """Whether the document is large, and a list that can be read item by item."""
    return chunk.following is not None and _OPENING.match(chunk.text) is not None


def streamed(chunk: Chunk) -> Entries:
    """The items of a long list and then the rest; only one of them is held.

    Raises:
        Unreadable: while pieces are taken, when the text is no JSON or more than this reads.
    """
    opening = _OPENING.match(chunk.text)
    assert opening is not None
    items = _Items(chunk, opening)
    index = -1
    for index, item in enumerate(items):
        yield index, item
    yield from _behind(opening[0], items, index + 1)


class _Items:
    """The items as far as each ends where it seems to; `rest` is the text behind them."""

    def __init__(self, chunk: Chunk, opening: re.Match[bytes]) -> None:
        self._close = opening[1] + b"}"
        self._following = chunk.following or iter(())
        self.rest = bytearray(chunk.text[opening.end() :])

    def __iter__(self) -> Iterator[msgspec.Raw]:
        done = 0
        while True:
            end = self.rest.find(self._close, done)
            if end < 0:
                del self.rest[:done]
                done = 0
                if not self._more():
                    return
                continue
            piece = bytes(self.rest[done : end + len(self._close)]).strip(b", \t\r\n")
            if not _is_json(piece):
                del self.rest[:done]
                return
            done = end + len(self._close)
            yield msgspec.Raw(piece)

    def _more(self) -> bool:
        block = next(self._following, b"")
        self.rest += block
        if len(self.rest) > LARGEST:
            raise too_large()
        return bool(block)

    def all(self) -> bytes:
        """The text behind the items, to its end."""
        while self._more():
            pass
        return bytes(self.rest)


def _behind(opening: bytes, items: _Items, index: int) -> Entries:
    """What follows the items: the end of the list, or items that do not end where they seem to."""
    text = opening + items.all().lstrip(b", \t\r\n")
    try:
        for further, piece in parsed(text):
            yield None if further is None else index + further, piece
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(line=None, found=f"items[{index}]", allowed=f"JSON ({error})") from None


def _is_json(piece: bytes) -> bool:
    try:
        _checked(_read_raw(piece))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _checked_item(index: int, item: msgspec.Raw) -> msgspec.Raw:
    try:
        return _checked(item)
    except UnicodeDecodeError as error:
        raise Unreadable(line=None, found=f"items[{index}]", allowed=f"JSON ({error})") from None


def _checked(text: msgspec.Raw) -> msgspec.Raw:
    """The same; raises UnicodeDecodeError when it is no text, which msgspec asks of nothing that it skips."""
    str(memoryview(text), "utf-8")
    return text


def _listing(shape: _Shape) -> Mapping[str, Any] | None:
    """What a list says besides its items; None when the text is no list."""
    if bytes(memoryview(shape.items)[:1]) != b"[":
        return None
    rest = {"apiVersion": shape.api_version, "kind": shape.kind, "items": []}
    return rest if is_list(rest if shape.spec is _ABSENT else {**rest, "spec": None}) else None

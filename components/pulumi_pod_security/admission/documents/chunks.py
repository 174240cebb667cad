"""A stream of text cut into documents, line by line.

A document ends where a line begins with `---` or `...`, which YAML allows nowhere else, and where a JSON object stands
below the end of another. Hence a fault in one document leaves the next one whole.
"""

from __future__ import annotations

import codecs
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from pulumi_pod_security.admission.documents.document import Unreadable

__all__ = ["LARGEST", "Chunk", "chunks"]

LARGEST = 512 * 1024 * 1024
"""The most bytes of one document."""

_LINE = 1024 * 1024
_MARKER = re.compile(rb"(?:---|\.\.\.)(?:\s|\Z)")
_NOTHING = re.compile(rb"\s*(?:#|%[A-Z]|\Z)")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """The text of a document, below so many lines of its file."""

    text: bytes
    above: int


def chunks(stream: IO[bytes]) -> Iterator[Chunk]:
    """Every part of the stream that holds more than comments.

    Raises:
        Unreadable: while chunks are taken, when the stream holds no text, or a document is too large.
        OSError: it cannot be read.
    """
    held = _Held(above=0)
    for number, line, begins in _lines(stream):
        marker = _MARKER.match(line) if begins else None
        if marker or (begins and line.startswith(b"{") and held.last.endswith(b"}")):
            yield from held.chunk()
            held = _Held(above=number)
        # What stands behind a marker belongs to the document, and the line keeps its number.
        held.add(line[3:] if marker else line)
    yield from held.chunk()


class _Held:
    """The lines of a document so far; `last` is the last that says something."""

    def __init__(self, above: int) -> None:
        self._above, self._text, self.last = above, bytearray(), b""

    def add(self, line: bytes) -> None:
        self._text += line
        if not _NOTHING.match(line):
            self.last = line.rstrip()
        if len(self._text) > LARGEST:
            raise Unreadable(line=None, found=f"more than {LARGEST} bytes", allowed="smaller documents")

    def chunk(self) -> Iterator[Chunk]:
        if self.last:
            text, self._text = bytes(self._text), bytearray()
            yield Chunk(text=text, above=self._above)


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Every line with its number, from 0, and whether it begins there: long ones come in parts."""
    number, begins = 0, True
    first = stream.readline(_LINE)
    for encoding in (name for mark, name in _BOMS if first.startswith(mark)):
        stream = _utf8(first + stream.read(LARGEST), encoding)
        first = stream.readline(_LINE)
        break
    for line in itertools.chain((first,), iter(lambda: stream.readline(_LINE), b"")):
        if 0 in line:
            raise Unreadable(line=number + 1, found="binary data", allowed="YAML or JSON")
        yield number, line.removeprefix(codecs.BOM_UTF8) if begins else line, begins
        begins = line.endswith(b"\n")
        number += begins


def _utf8(data: bytes, encoding: str) -> IO[bytes]:
    try:
        return io.BytesIO(data.decode(encoding).encode())
    except UnicodeError as error:
        raise Unreadable(line=None, found=str(error), allowed=f"{encoding.upper()}, as its mark says") from None

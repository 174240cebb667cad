"""A stream of text cut into documents, in blocks of whole lines.

A document ends where a line begins with `---` or `...`, which YAML allows nowhere else, and where a JSON object stands
below the end of another. Hence a fault in one document leaves the next one whole. A large document is given in parts,
so that of a list that is one document not even the text is held.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from pulumi_pod_security.admission.documents.document import Unreadable

__all__ = ["LARGEST", "Chunk", "chunks", "too_large"]

LARGEST = 512 * 1024 * 1024
"""The most bytes of what has to be held at once: a document, or an entry of a list."""

_BLOCK = 1024 * 1024
_WHOLE = 8 * 1024 * 1024
_LONGEST_TAIL = 1024
# Where a document may end, and what a line says that says nothing. To YAML a comment ends at a bare carriage return and
# at three separators of Unicode as well, and what comes behind is for its parser to say.
_BOUNDARY = re.compile(rb"^(?:(?:---|\.\.\.)(?=\s|\Z)|\{)", re.MULTILINE)
_SAYING = re.compile(rb"^(?![^\S\n]*(?:(?:#|%[A-Z])(?!.*(?:\r(?!\n|\Z)|\xc2\x85|\xe2\x80[\xa8\xa9]))|$))", re.MULTILINE)
_NOTHING = re.compile(rb"\s*(?:#|%[A-Z]|\Z)")
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def too_large() -> Unreadable:
    """The refusal of what cannot be held."""
    return Unreadable(line=None, found=f"more than {LARGEST} bytes", allowed="smaller documents")


@dataclass(kw_only=True, slots=True)
class Chunk:
    """A document, below so many lines of its file.

    Attributes:
        text: the whole of it or, when it is large, its beginning.
        following: the parts behind the beginning, to be taken before the next document is.
    """

    text: bytes
    above: int
    following: Iterator[bytes] | None = None

    def whole(self) -> bytes:
        """All of the text; of one that is large this can be asked for once.

        Raises:
            Unreadable: that is too much.
        """
        held = bytearray(self.text)
        for part in self.following or ():
            held += part
            if len(held) > LARGEST:
                raise too_large()
        return self.text if self.following is None else bytes(held)


def chunks(stream: IO[bytes]) -> Iterator[Chunk]:
    """Every part of the stream that holds more than comments.

    Raises:
        Unreadable: while chunks are taken, when the stream holds no text, or a document is too large.
        OSError: it cannot be read.
    """
    cutter = _Cutter(blocks=_blocks(stream))
    while not cutter.over:
        chunk = cutter.next()
        if chunk.following or _SAYING.search(chunk.text):
            yield chunk
        for _ in chunk.following or ():
            pass


@dataclass(kw_only=True)
class _Cutter:
    """Blocks of text, and what was not given out of them.

    Attributes:
        over: whether everything was given out.
    """

    blocks: Iterator[bytes]
    over: bool = False
    _held: bytearray = field(default_factory=bytearray)
    _searched: int = 0
    _lines: int = 0
    _last: bytes = b""

    def next(self) -> Chunk:
        """The next document, which may be empty."""
        above = self._lines
        while not (end := self._boundary()) and len(self._held) <= min(_WHOLE, LARGEST):
            if not self._more():
                self.over = True
                return Chunk(text=self._taken(len(self._held)), above=above)
        if end:
            return Chunk(text=self._cut(*end), above=above)
        if len(self._held) > LARGEST:
            raise too_large()
        return Chunk(text=self._taken(len(self._held)), above=above, following=self._parts())

    def _parts(self) -> Iterator[bytes]:
        """What a document has left, block by block."""
        while True:
            if end := self._boundary():
                yield self._cut(*end)
                return
            if self._held:
                yield self._taken(len(self._held))
            if not self._more():
                self.over = True
                return

    def _more(self) -> bool:
        block = next(self.blocks, b"")
        self._held += block
        return bool(block)

    def _boundary(self) -> tuple[int, int] | None:
        """Where the document ends, as far as it is held, and the length of the marker there."""
        begins = self._last.endswith(b"\n") or not self._last
        for found in _BOUNDARY.finditer(self._held, self._searched):
            start, marker = found.start(), 0 if found[0] == b"{" else len(found[0])
            if (start or begins) and (marker or self._is_below_object(start)):
                return start, marker
        self._searched = len(self._held)
        return None

    def _is_below_object(self, start: int) -> bool:
        """Whether the last line before `start` that says something ends an object."""
        for text, end in ((self._held, start), (self._last, len(self._last))):
            while end > 0:
                begin = text.rfind(b"\n", 0, end - 1) + 1
                if not _NOTHING.match(text, begin, end):
                    return text[max(begin, end - _LONGEST_TAIL) : end].rstrip().endswith(b"}")
                end = begin
        return False

    def _cut(self, start: int, marker: int) -> bytes:
        """The text before the boundary. What stands behind a marker belongs to the next document."""
        text = self._taken(start)
        del self._held[:marker]
        self._last, self._searched = b"", 0 if marker else 1
        return text

    def _taken(self, size: int) -> bytes:
        text = bytes(memoryview(self._held)[:size])
        del self._held[:size]
        self._searched = max(0, self._searched - size)
        self._lines += text.count(b"\n")
        self._last = text[-_BLOCK:] or self._last
        if len(text) > LARGEST:
            raise too_large()
        return text


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """The text in blocks that end with a line, unless that is very long; without marks of byte order."""
    lines, begins = 0, True
    first = stream.read(_BLOCK)
    for encoding in (name for mark, name in _BOMS if first.startswith(mark)):
        held = first + stream.read(LARGEST)
        if stream.read(1):
            raise too_large()
        stream = _utf8(held, encoding)
        first = stream.read(_BLOCK)
        break
    while block := first or stream.read(_BLOCK):
        first = b""
        block += b"" if block.endswith(b"\n") else stream.readline(_BLOCK)
        binary = block.find(0)
        sound = block if binary < 0 else block[: block.rfind(b"\n", 0, binary) + 1]
        if sound:
            yield _without_marks(sound, begins=begins)
        if binary >= 0:
            line = lines + block.count(b"\n", 0, binary) + 1
            raise Unreadable(line=line, found="binary data", allowed="YAML or JSON")
        lines, begins = lines + block.count(b"\n"), block.endswith(b"\n")


def _without_marks(block: bytes, *, begins: bool) -> bytes:
    if codecs.BOM_UTF8 not in block:
        return block
    return (block.removeprefix(codecs.BOM_UTF8) if begins else block).replace(b"\n" + codecs.BOM_UTF8, b"\n")


def _utf8(data: bytes, encoding: str) -> IO[bytes]:
    try:
        return io.BytesIO(data.decode(encoding).encode())
    except UnicodeError as error:
        raise Unreadable(line=None, found=str(error), allowed=f"{encoding.upper()}, as its mark says") from None

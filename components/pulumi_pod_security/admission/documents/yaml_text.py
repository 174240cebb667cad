"""YAML to plain data, from the events of libyaml and without recursion.

PyYAML's constructors are not used: they read YAML 1.1's times and base 60 where kubectl does not, keep the last of
two equal keys in silence, and let aliases expand to any size. Values that aliases share stay shared; how large they
would be, written out, is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionStartEvent, NodeEvent, ScalarEvent, SequenceStartEvent

from pulumi_pod_security.admission.documents import chunks
from pulumi_pod_security.admission.documents.chunks import Chunk
from pulumi_pod_security.admission.documents.document import Entries, Unreadable
from pulumi_pod_security.admission.documents.scalars import Scalar, as_key, plain
from pulumi_pod_security.admission.documents.sizes import Sizes

__all__ = ["DEEPEST", "EXPANDED", "parsed", "streamed"]

DEEPEST = 200
"""How many collections may be inside each other; the deepest CustomResourceDefinitions have about 60."""

EXPANDED = 100_000
"""How many values all aliases of a document may stand for, each 64 characters of a text counting as one more."""

# Without libyaml PyYAML gives the same events, some twenty times slower.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CORE = "tag:yaml.org,2002:"
_TEXTS = (None, "!", f"{_CORE}str", f"{_CORE}timestamp")
_PLAIN = tuple(_CORE + name for name in ("bool", "int", "float", "null"))
_COLLECTIONS = (None, "!", f"{_CORE}map", f"{_CORE}seq")
_OPEN: Any = object()
_MERGE: Any = object()


class _Parts:
    """A large document as a file that is read, as far as the parser has come."""

    def __init__(self, chunk: Chunk) -> None:
        self._parts = chain((chunk.text,), chunk.following or ())
        self._left = b""
        self.taken = 0

    def read(self, size: int) -> bytes:
        """Some more of it, and nothing at its end."""
        self._left = self._left or next(self._parts, b"")
        given, self._left = self._left[:size], self._left[size:]
        self.taken += len(given)
        if self.taken > chunks.LARGEST:
            raise chunks.too_large()
        return given


def streamed(chunk: Chunk) -> Entries:
    """The pieces of a large document, of which only one is held. Raises like `parsed`."""
    parts = _Parts(chunk)
    for entry in _entries(parts, chunk.text):
        yield entry
        parts.taken = 0


def parsed(text: bytes) -> Entries:
    """The one document of a text, in pieces; nothing when there is none.

    Raises:
        Unreadable: while pieces are taken, when the text is no YAML or more than this reads.
    """
    return _entries(text, text)


def _entries(source: Any, text: bytes) -> Entries:
    """The pieces of what is read from the source, which begins with the text."""
    try:
        events = yaml.parse(source, Loader=_LOADER)
        for event in events:
            if isinstance(event, NodeEvent):
                yield from _Tree().entries(event, events)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise Unreadable(line=line, found=_line(text, line), allowed=f"YAML or JSON ({said})") from None
    except yaml.YAMLError as error:
        said = getattr(error, "reason", "") or str(error)
        raise Unreadable(line=None, found=said, allowed="text in UTF-8, or in UTF-16 with its mark") from None


def _line(text: bytes, line: int | None) -> str:
    """The key on the line. What stands behind it, or on a line without one, may be secret."""
    lines = text[: 1 << 20].splitlines()
    if not line or line > len(lines):
        return "the end of the document"
    key, colon, _ = lines[line - 1].decode(errors="replace").partition(":")
    return key if colon else "a line without a key"


class _Frame:
    """A collection that is being read."""

    __slots__ = ("anchor", "count", "key", "merged", "value")

    def __init__(self, value: Any, anchor: str | None) -> None:
        self.value = value
        self.anchor = anchor
        self.key: Any = _OPEN
        self.merged: list[Any] = []
        self.count: int | None = None


class _Tree:
    """One document as it is read; what its root has in `items` is handed out, not kept."""

    def __init__(self) -> None:
        self._stack: list[_Frame] = []
        self._anchors: dict[str, Any] = {}
        self._sizes = Sizes()

    def entries(self, event: Any, events: Iterator[Any]) -> Entries:
        """The items, each with its index, and then the rest."""
        stack = self._stack
        while True:
            if isinstance(event, CollectionStartEvent):
                self._open(event)
            else:
                value = self._value(event)
                if not stack:
                    yield None, value
                    return
                frame = stack[-1]
                if frame.count is not None:
                    yield frame.count, value
                    frame.count += 1
                else:
                    self._put(frame, value, event)
            event = next(events)

    def _value(self, event: Any) -> Any:
        if isinstance(event, ScalarEvent):
            value = _scalar(event)
            if event.anchor:
                self._anchors[event.anchor] = value
            return value
        return self._alias(event) if isinstance(event, AliasEvent) else self._close()

    def _open(self, event: Any) -> None:
        above = self._stack[-1] if self._stack else None
        if event.tag not in _COLLECTIONS:
            raise _unread(event, event.tag, "no tags but YAML's own")
        if above and isinstance(above.value, dict) and above.key is _OPEN:
            raise _unread(event, "a mapping or list", "a text as a key")
        if len(self._stack) >= DEEPEST:
            raise _unread(event, f"{DEEPEST + 1} levels", f"at most {DEEPEST} lists and mappings inside each other")
        is_list = isinstance(event, SequenceStartEvent)
        frame = _Frame([] if is_list else {}, event.anchor)
        if event.anchor:
            self._anchors[event.anchor] = _OPEN
        elif is_list and len(self._stack) == 1 and above and above.key == "items":
            frame.count = 0
        self._stack.append(frame)

    def _close(self) -> Any:
        frame = self._stack.pop()
        for source in frame.merged:
            for key, value in source.items():
                frame.value.setdefault(key, value)
        if frame.anchor:
            self._anchors[frame.anchor] = frame.value
        return frame.value

    def _put(self, frame: _Frame, value: Any, event: Any) -> None:
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif frame.key is _OPEN:
            frame.key = _key(frame, value, event)
        elif frame.key is _MERGE:
            sources = value if isinstance(value, list) else [value]
            if not all(isinstance(source, dict) for source in sources):
                raise _unread(event, "<<", "a mapping to merge, or a list of them")
            frame.merged.extend(sources)
            frame.key = _OPEN
        else:
            frame.value[frame.key] = value
            frame.key = _OPEN

    def _alias(self, event: Any) -> Any:
        value = self._anchors.get(event.anchor, _OPEN)
        if value is _OPEN:
            raise _unread(event, f"*{event.anchor}", "an alias of what was anchored before, and is not around it")
        height = self._sizes.add(value)
        if self._sizes.expanded > EXPANDED:
            raise _unread(event, f"*{event.anchor}", f"aliases that stand for at most {EXPANDED:,} values in all")
        if len(self._stack) + height > DEEPEST:
            raise _unread(event, f"*{event.anchor}", f"at most {DEEPEST} lists and mappings inside each other")
        return value


def _scalar(event: Any) -> Scalar:
    if event.implicit[0]:
        return plain(event.value)
    if event.tag in _TEXTS:
        return str(event.value)
    if event.tag in _PLAIN:
        return plain(event.value)
    raise _unread(event, event.tag, "no tags but YAML's own")


def _key(frame: _Frame, value: Any, event: Any) -> Any:
    if value == "<<" and isinstance(event, ScalarEvent) and event.implicit[0]:
        return _MERGE
    key = as_key(value) if not isinstance(value, dict | list) else None
    if key is None:
        raise _unread(event, "null" if value is None else "a mapping or list", "a text as a key")
    if key in frame.value:
        raise _unread(event, key, "each key once; which of its values counts depends on who reads it")
    return key


def _unread(event: Any, found: str, allowed: str) -> Unreadable:
    return Unreadable(line=event.start_mark.line + 1, found=found, allowed=allowed)

"""JSON to plain data; the items of a list one by one, so that only their text is in memory all at once.

Of two equal keys the later counts, as for an API server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pulumi_pod_security.admission.documents.document import Entries, Unreadable, is_list

__all__ = ["parsed"]


_ABSENT = msgspec.Raw()


class _Shape(msgspec.Struct, rename="camel"):
    """What tells a list from other objects."""

    api_version: Any = None
    kind: Any = None
    spec: msgspec.Raw = _ABSENT
    items: msgspec.Raw = _ABSENT


_read_shape = msgspec.json.Decoder(_Shape).decode
_read_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read = msgspec.json.Decoder().decode


def parsed(text: bytes) -> Entries:
    """The document, in pieces.

    Raises:
        msgspec.DecodeError, UnicodeDecodeError: before a piece is taken, when the text is no JSON.
        Unreadable: a piece is too deep, or holds no text.
    """
    try:
        shape = _read_shape(text) if text.lstrip().startswith(b"{") else _Shape()
        rest = _listing(shape)
        if rest is None:
            yield None, _read(text)
            return
        for index, item in enumerate(_read_items(shape.items)):
            yield index, _read_item(index, item)
        yield None, rest
    except RecursionError:
        allowed = "lists and mappings of some hundred levels"
        raise Unreadable(line=None, found="too many levels", allowed=allowed) from None


def _read_item(index: int, item: msgspec.Raw) -> object:
    try:
        return _read(item)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(line=None, found=f"items[{index}]", allowed=f"JSON ({error})") from None


def _listing(shape: _Shape) -> Mapping[str, Any] | None:
    """What a list says besides its items; None when the text is no list."""
    if bytes(memoryview(shape.items)[:1]) != b"[":
        return None
    rest = {"apiVersion": shape.api_version, "kind": shape.kind}
    return rest if is_list(rest if shape.spec is _ABSENT else {**rest, "spec": None}) else None

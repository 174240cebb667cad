"""Everything given, one object after the other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pulumi_pod_security.admission.conversion import described
from pulumi_pod_security.admission.documents import json_text, yaml_text
from pulumi_pod_security.admission.documents.chunks import Chunk, chunks
from pulumi_pod_security.admission.documents.document import Entries, Read, Unreadable, objects
from pulumi_pod_security.admission.documents.sources import Source, sources
from pulumi_pod_security.errors import Fault

__all__ = ["Given", "documents"]

Given = str | os.PathLike[str] | Mapping[str, Any]
"""A path, `-` for the standard input, or a Kubernetes object as plain data."""


def documents(given: Iterable[object]) -> Iterator[Read]:
    """The objects in all that is given, in that order; a fault for everything that is none.

    Args:
        given: each a `Given`; anything else is a fault.
    """
    for index, entry in enumerate(given):
        if isinstance(entry, str | os.PathLike):
            for source in sources(entry):
                yield from [source] if isinstance(source, Fault) else _of_source(source)
        else:
            yield from _of_data(f"objects[{index}]", entry)


def _of_data(where: str, data: object) -> Iterator[Read]:
    try:
        plain = msgspec.json.decode(msgspec.json.encode(data))
    except (TypeError, ValueError, RecursionError) as error:
        yield Fault(path=where, value=described(data), allowed=f"a path, or an object of plain data ({error})")
    else:
        # An empty document of a file is nothing; an object that is None was meant to be one.
        empty = Fault(path=where, value=None, allowed="a path, or a Kubernetes object")
        yield from [empty] if plain is None else objects(where, [(None, plain)])


def _of_source(source: Source) -> Iterator[Read]:
    try:
        opened = source.open()
    except (OSError, ValueError) as error:
        # A ValueError is about the path: a NUL or half a character in it.
        yield _unopened(source, error)
        return
    try:
        with opened as stream:
            for where, chunk in _named(source.name, chunks(stream)):
                yield from _of_chunk(where, chunk)
    except Unreadable as refusal:
        yield refusal.fault(source.name, 0)
    except OSError as error:
        yield _unopened(source, error)


def _unopened(source: Source, error: Exception) -> Fault:
    said = getattr(error, "strerror", None) or str(error)
    return Fault(path=source.name, value=said, allowed="a file or folder to read")


def _named(name: str, found: Iterator[Chunk]) -> Iterator[tuple[str, Chunk]]:
    """The documents with their places: `a.yaml`, or `a.yaml[0]`, `a.yaml[1]` where there are several.

    Whether another one comes behind a large one is not known in time: at the beginning it bears the file's name.
    """
    first = next(found, None)
    if first is None:
        return
    if first.following is not None:
        yield name, first
        yield from ((f"{name}[{index}]", chunk) for index, chunk in enumerate(found, 1))
        return
    try:
        second = next(found, None)
    except (Unreadable, OSError):
        yield f"{name}[0]", first
        raise
    if second is None:
        yield name, first
        return
    yield f"{name}[0]", first
    yield f"{name}[1]", second
    for index, chunk in enumerate(found, 2):
        yield f"{name}[{index}]", chunk


def _of_chunk(where: str, chunk: Chunk) -> Iterator[Read]:
    try:
        yield from objects(where, _entries(chunk))
    except Unreadable as refusal:
        yield refusal.fault(where, chunk.above)


def _entries(chunk: Chunk) -> Entries:
    """The parsed text. Broken JSON may be sound YAML, and if not, YAML's fault names the line."""
    if json_text.is_long_list(chunk):
        yield from json_text.streamed(chunk)
        return
    if chunk.text.lstrip()[:1] not in (b"{", b"["):
        yield from yaml_text.streamed(chunk)
        return
    text = chunk.whole()
    try:
        yield from json_text.parsed(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        yield from yaml_text.parsed(text)

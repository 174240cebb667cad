"""Plain data and JSON to typed structures; what does not fit in plain data is one fault, at its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from threading import Lock
from typing import Any, TypeVar

import msgspec

from pulumi_pod_security.errors import MISSING, Fault, InvalidInput, capped

__all__ = ["converted", "decoder", "described"]

T = TypeVar("T")

_PATH = re.compile(r" - at `(?:key in )?\$([^`]*)`")
_EXPECTED = re.compile(r"Expected `([^`]*)`, got")
_KEY = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_building = Lock()
_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}
_WORDS = {"str": "a text", "object": "a mapping", "array": "a list", "int": "a whole number", "bool": "true or false"}


def decoder(kind: type[T]) -> msgspec.json.Decoder[T]:
    """The decoder of a type. msgspec 0.22 crashes when threads meet a type for the first time at once."""
    with _building:
        if kind not in _decoders:
            _decoders[kind] = msgspec.json.Decoder(kind)
        return _decoders[kind]


def converted(data: Any, kind: type[T], where: str) -> T:
    """The data as the type.

    Raises:
        InvalidInput: with the one fault found first, its path below `where`.
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise InvalidInput(where, [_fault(where, data, str(error))]) from None


def described(value: object) -> object:
    """What a fault shows of the value: of a collection only its form, because what is in it may be secret."""
    if isinstance(value, Mapping) and value:
        return f"a mapping with {', '.join(capped(tuple(value)))}"
    return f"a list of {len(value)}" if isinstance(value, list | tuple) and value else value


def _fault(where: str, data: object, error: str) -> Fault:
    path = _path(error)
    for key, index in _KEY.findall(path):
        data = _below(data, key, index)
    said = _PATH.sub("", error)
    if "missing required field" in said:
        return Fault(path=f"{where}{path}", value=MISSING, allowed=said.rpartition("field ")[2].strip("`"))
    return Fault(path=f"{where}{path}", value=described(data), allowed=_allowed(said))


def _path(error: str) -> str:
    """Where it is; a pod's spec is looked at by itself (`manifests`) and then names its own path before the rest."""
    inner, outer = (*_PATH.findall(error), "", "")[:2]
    return f"{outer}.spec{inner}" if "in a pod's spec: " in error else inner


def _below(data: object, key: str, index: str) -> object:
    if isinstance(data, Mapping):
        return data.get(key, data)
    if isinstance(data, list | tuple):
        return data[int(index)]
    return data


def _allowed(said: str) -> str:
    expected = _EXPECTED.search(said)
    if expected is None:
        return said
    words = expected[1].split(" | ")
    allowed = " or ".join(_WORDS.get(word, word) for word in words if word != "null")
    return f"{allowed}, or nothing" if "null" in words else allowed

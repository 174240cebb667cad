"""Plain data to typed parts and back, by the parts' own type hints, with every fault found on the way.

Reading goes on after a fault, with the field left out or, where it is needed, zero, so that one run finds all there is
to find. A null means that the field is left out; a null inside a list or map is a fault.
Unknown fields are faults: the API server would drop them without a word.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, Union

from pulumi_pod_security.errors import MISSING, Fault, one_of, shown

__all__ = ["Integer", "at", "read", "write"]

PartT = TypeVar("PartT")

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_QUALIFIED_KEY = re.compile(r"[A-Za-z0-9._/-]{1,320}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Integer:
    """The width of a whole number, as Kubernetes' types declare it."""

    bits: int

    def holds(self, value: int) -> bool:
        """Whether the number fits."""
        return -(1 << self.bits - 1) <= value < 1 << self.bits - 1


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Field:
    python: str
    written: str
    hint: Any
    needed: bool


def at(path: str, key: object) -> str:
    """The path of a key below a path: `spec.volumes`, `spec.volumes[0]`, `metadata.labels[example.com/team]`."""
    if not isinstance(key, str):
        return f"{path}[{shown(key)}]"
    if _PLAIN_KEY.fullmatch(key):
        return f"{path}.{key}" if path else key
    return f"{path}[{key if _QUALIFIED_KEY.fullmatch(key) else shown(key)}]"


def read(hint: Any, data: object, path: str, faults: list[Fault]) -> Any:
    """The value as the type hint declares it; what does not fit is added to the faults and read as zero."""
    if dataclasses.is_dataclass(hint):
        return _read_part(hint, data, path, faults)
    if typing.get_origin(hint) is Sequence:
        return _read_list(typing.get_args(hint)[0], data, path, faults)
    if typing.get_origin(hint) is Mapping:
        return _read_strings(data, path, faults)
    allowed = _refusal(hint, data)
    if allowed:
        faults.append(Fault(path=path, value=data, allowed=allowed))
        return _zero(hint)
    return data


def write(value: Any) -> Any:
    """The value as plain data, in the order of its type; fields left out stay out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        present = ((field.written, getattr(value, field.python)) for field in _fields(type(value)))
        return {name: write(entry) for name, entry in present if entry is not None}
    if isinstance(value, tuple | list):
        return [write(entry) for entry in value]
    if isinstance(value, Mapping):
        return dict(value)
    return value


def _read_part(part: Any, data: object, path: str, faults: list[Fault]) -> Any:
    if not isinstance(data, Mapping):
        faults.append(Fault(path=path or "manifest", value=data, allowed="a mapping with " + _field_names(part)))
        return _zero(part)
    known = {field.written: field for field in _fields(part)}
    for key in data:
        if key not in known:
            allowed = "no such field; " + one_of(known, given=key)
            faults.append(Fault(path=at(path, key), value=data[key], allowed=allowed))
    return part(**{field.python: _read_field(field, data.get(name), path, faults) for name, field in known.items()})


def _read_field(field: _Field, data: object, path: str, faults: list[Fault]) -> Any:
    place = at(path, field.written)
    if data is None and field.needed:
        faults.append(Fault(path=place, value=MISSING, allowed=_description(field.hint)))
        return _zero(field.hint)
    if data is None:
        return None
    known = len(faults)
    value = read(field.hint, data, place, faults)
    unreadable = any(fault.path == place for fault in faults[known:])
    return None if unreadable and not field.needed else value


def _read_list(hint: Any, data: object, path: str, faults: list[Fault]) -> tuple[Any, ...]:
    if not isinstance(data, list | tuple):
        faults.append(Fault(path=path, value=data, allowed="a list; each entry " + _description(hint)))
        return ()
    return tuple(read(hint, entry, f"{path}[{index}]", faults) for index, entry in enumerate(data))


def _read_strings(data: object, path: str, faults: list[Fault]) -> dict[str, str]:
    if not isinstance(data, Mapping):
        faults.append(Fault(path=path, value=data, allowed="a mapping of strings to strings"))
        return {}
    for key, value in data.items():
        if not (_is_text(key) and _is_text(value)):
            wrong = value if _is_text(key) else key
            allowed = "a string of Unicode text" if isinstance(wrong, str) else "a string; quote it in YAML"
            faults.append(Fault(path=at(path, key), value=wrong, allowed=allowed))
    return {key: value for key, value in data.items() if _is_text(key) and _is_text(value)}


def _is_text(data: object) -> bool:
    # A lone surrogate, which JSON can write and UTF-8 cannot, would reach the server as something else or not at all.
    return isinstance(data, str) and not _SURROGATE.search(data)


def _refusal(hint: Any, data: object) -> str:
    """What is allowed when the plain value is not of the hinted type, else nothing."""
    if typing.get_origin(hint) is Literal:
        names = typing.get_args(hint)
        return "" if isinstance(data, str) and data in names else one_of(names, given=data)
    if typing.get_origin(hint) is Annotated:
        fits = isinstance(data, int) and not isinstance(data, bool) and typing.get_args(hint)[1].holds(data)
        return "" if fits else _description(hint)
    if hint is str and isinstance(data, str):
        return "" if _is_text(data) else "a string of Unicode text"
    return "" if isinstance(data, hint) else _description(hint)


def _description(hint: Any) -> str:
    if dataclasses.is_dataclass(hint):
        return "a mapping with " + _field_names(hint)
    if typing.get_origin(hint) is Literal:
        return one_of(typing.get_args(hint))
    if typing.get_origin(hint) is Annotated:
        return f"a whole number that fits {typing.get_args(hint)[1].bits} bits"
    return {bool: "true or false", str: "a string"}[hint]


def _field_names(part: Any) -> str:
    needed = ", ".join(field.written for field in _fields(part) if field.needed)
    optional = ", ".join(field.written for field in _fields(part) if not field.needed)
    return " and by choice ".join(filter(None, (needed, optional)))


def _zero(hint: Any) -> Any:
    if dataclasses.is_dataclass(hint):
        return _zero_part(hint)
    if typing.get_origin(hint) is Literal:
        return typing.get_args(hint)[-1]
    return {bool: False, str: ""}.get(hint, 0)


def _zero_part(part: Any) -> Any:
    return part(**{field.python: _zero(field.hint) for field in _fields(part) if field.needed})


@functools.cache
def _fields(part: Any) -> tuple[_Field, ...]:
    hints = typing.get_type_hints(part, include_extras=True)
    return tuple(
        _Field(
            python=field.name,
            written=field.metadata.get("name") or _camel_case(field.name),
            hint=_present(hints[field.name]),
            needed=field.default is dataclasses.MISSING,
        )
        for field in dataclasses.fields(part)
    )


def _present(hint: Any) -> Any:
    if typing.get_origin(hint) in (Union, types.UnionType):
        return next(option for option in typing.get_args(hint) if option is not type(None))
    return hint


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)

"""Whether what stands in the stack's configuration is of the right type: every place that is not, at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from pulumi_pod_security.errors import closest, shown
from stacks.faults import Wrong, unknown
from stacks.given import Given
from stacks.mending import keepable, setting
from stacks.places import Path, allowed

__all__ = ["mistyped"]


def mistyped(path: Path, kind: Any, given: Given) -> Iterator[Wrong]:
    """What the type refuses of what is at the path; lists, maps and structs are looked into."""
    value = given.at(path)
    elements = _elements(kind)
    if isinstance(value, list) and list in elements:
        for index in range(len(value)):
            yield from mistyped((*path, index), elements[list], given)
    elif isinstance(value, dict) and dict in elements:
        for name in value:
            yield from mistyped((*path, name), elements[dict], given)
    elif isinstance(value, dict) and (structs := _structs(kind)):
        yield from _fields(path, _meant(structs, value), value, given)
    elif not _converts(value, kind):
        yield Wrong(path=path, fault=f"{_told(path, given)}; allowed: {allowed(path)}", mend=_mend(path, kind, given))


def _elements(kind: Any) -> Mapping[type, Any]:
    """What the elements of a list and the values of a map are, for those that the type admits."""
    return {origin: get_args(option)[-1] for option in _options(kind) if (origin := get_origin(option))}


def _structs(kind: Any) -> list[type[msgspec.Struct]]:
    return [each for each in _options(kind) if isinstance(each, type) and issubclass(each, msgspec.Struct)]


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _meant(structs: Sequence[type[msgspec.Struct]], value: Mapping[str, Any]) -> type[msgspec.Struct]:
    """The one that the tag names, or is most like; where it names none, the one that has most of the keys."""
    tags = _tags(structs)
    named = value.get(structs[0].__struct_config__.tag_field or "")
    guess = named if named in tags else closest(named, tags)

    def likeness(kind: type[msgspec.Struct]) -> tuple[bool, int]:
        told = guess is not None and kind.__struct_config__.tag == guess
        return told, len(value.keys() & {field.encode_name for field in msgspec.structs.fields(kind)})

    return max(structs, key=likeness)


def _tags(structs: Iterable[type[msgspec.Struct]]) -> list[str]:
    return [str(each.__struct_config__.tag) for each in structs if each.__struct_config__.tag is not None]


def _fields(path: Path, kind: type[msgspec.Struct], value: Mapping[str, Any], given: Given) -> Iterator[Wrong]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    tag, named = kind.__struct_config__.tag_field, str(kind.__struct_config__.tag)
    known = [*([tag] if tag else []), *fields]
    if tag is not None and value.get(tag, kind.__struct_config__.tag) != kind.__struct_config__.tag:
        # What it is decides which keys there are.
        yield _wrong((*path, tag), given, named)
        return
    strange = [unknown((*path, name), known, given) for name in value if name not in known]
    yield from strange
    needed = [name for name in known if name not in fields or fields[name].required]
    meant = {fault.meant for fault in strange}
    for name in known:
        place = (*path, name)
        if name in value and name in fields:
            yield from mistyped(place, fields[name].type, given)
        elif name not in value and name in needed and place not in meant:
            instead = named if name == tag else None
            yield Wrong(path=place, fault=f"missing; allowed: {allowed(place)}", mend=setting(place, given, instead))


def _wrong(path: Path, given: Given, instead: str) -> Wrong:
    fault = f"{_told(path, given)}; allowed: {allowed(path)}"
    return Wrong(path=path, fault=fault, mend=setting(path, given, instead))


def _converts(value: object, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _told(path: Path, given: Given) -> str:
    value = given.at(path)
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a map"
    if value is None:
        return "nothing"
    return "a secret" if given.secret(path) else shown(value)


def _mend(path: Path, kind: Any, given: Given) -> str:
    """A text where a list of texts is expected becomes its first element, one that is a tag stays that of a map."""
    value, elements, structs = given.at(path), _elements(kind), _structs(kind)
    kept = isinstance(value, str) and keepable(value) and not given.secret(path)
    if kept and list in elements and _converts(value, elements[list]):
        return setting((*path, 0), given, value)
    if kept and value in _tags(structs):
        return setting((*path, str(structs[0].__struct_config__.tag_field)), given, value)
    return setting(path, given)

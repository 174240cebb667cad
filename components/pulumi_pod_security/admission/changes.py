"""What a policy writes into a pod: the difference between two pods, and a manifest with it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from pulumi_pod_security.controls.pod import Pod

__all__ = ["Change", "applied", "changes"]

Path = tuple[str | int, ...]


class Change(msgspec.Struct, frozen=True):
    """A value at a place in a manifest; None takes it away."""

    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{_written(self.path)}: {msgspec.json.encode(self.value).decode()}"


def changes(before: Pod, after: Pod) -> tuple[Change, ...]:
    """Every value that differs, one by one, in the order of the fields; lists of values are one value."""
    return tuple(_between(before, after, ()))


def applied(manifest: Mapping[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """The manifest with the changes made; the one given stays as it is."""
    result: dict[str, Any] = copy.deepcopy(dict(manifest))
    for change in changes:
        *way, last = change.path
        place: Any = result
        for step in way:
            if isinstance(step, str) and place.get(step) is None:
                place[step] = {}
            place = place[step]
        if change.value is None:
            place.pop(last, None)
        else:
            place[last] = copy.deepcopy(change.value)
    return result


def _between(before: Any, after: Any, path: Path) -> Iterator[Change]:
    if before is after or before == after:
        return
    if isinstance(after, msgspec.Struct):
        inner = _within(before, after, path)
        yield from inner if inner or before is not None else [Change(path, {})]
    elif _is_map(before) and _is_map(after) and after is not None:
        yield from _between_maps(before or {}, after, path)
    elif _is_structs(before) and _is_structs(after) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _between(old, new, (*path, index))
    else:
        yield Change(path, _plain(after))


def _within(before: msgspec.Struct | None, after: msgspec.Struct, path: Path) -> list[Change]:
    """What differs, field by field; nothing where a struct without any field was written, as empty seLinuxOptions."""
    return [
        change
        for name, written in zip(after.__struct_fields__, after.__struct_encode_fields__, strict=True)
        for change in _between(getattr(before, name, None), getattr(after, name), (*path, written))
    ]


def _between_maps(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Change]:
    for key in (*before, *(key for key in after if key not in before)):
        if before.get(key) != after.get(key):
            yield Change((*path, key), _plain(after.get(key)))


def _plain(value: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


def _is_map(value: object) -> bool:
    return value is None or isinstance(value, Mapping)


def _is_structs(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], msgspec.Struct)


def _written(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int) or "." in step or "/" in step:
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text

"""What keeps the model's values immutable and hashable, down to the last list."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

__all__ = ["FrozenMap", "Part"]


class FrozenMap(Mapping[str, str]):
    """A read-only, hashable mapping of strings; it equals any mapping with the same entries."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[str, str] | None = None) -> None:
        self._entries = dict(entries or {})

    def __getitem__(self, key: str) -> str:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __hash__(self) -> int:
        return hash(frozenset(self._entries.items()))

    def __repr__(self) -> str:
        return repr(self._entries)


class Part:
    """Base of the model's dataclasses: a list given by hand becomes a tuple, a mapping a `FrozenMap`.

    Nothing is judged here. A value of a wrong type is left as it is for validation to name.
    """

    def __post_init__(self) -> None:
        """Freeze the fields that hold lists or mappings."""
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, list):
                object.__setattr__(self, field.name, tuple(value))
            elif isinstance(value, Mapping) and not isinstance(value, FrozenMap):
                object.__setattr__(self, field.name, FrozenMap(value))

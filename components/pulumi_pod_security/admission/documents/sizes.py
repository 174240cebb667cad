"""How large values are when everything they share is written out."""

from __future__ import annotations

from typing import Any

__all__ = ["Sizes"]

_TEXT_UNIT = 64


class Sizes:
    """Adds up what aliases stand for.

    Attributes:
        expanded: how many values that is so far.
    """

    def __init__(self) -> None:
        self.expanded = 0
        # The value is kept beside its size, so that no other one takes its id.
        self._known: dict[int, tuple[Any, int, int]] = {}

    def add(self, value: Any) -> int:
        """Count the value once more; gives its height: 0 for a scalar, else one more than its highest part's."""
        count, height = self._size(value)
        self.expanded += count
        return height

    def _size(self, value: Any) -> tuple[int, int]:
        if not isinstance(value, dict | list):
            return 1 + (len(value) // _TEXT_UNIT if isinstance(value, str) else 0), 0
        known = self._known.get(id(value))
        if known is None:
            parts = [self._size(part) for part in (value.values() if isinstance(value, dict) else value)]
            count = 1 + sum(count for count, _ in parts)
            height = 1 + max((height for _, height in parts), default=0)
            self._known[id(value)] = known = (value, count, height)
        return known[1:]

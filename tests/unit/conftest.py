"""A cluster to ask, for every unit test that needs one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.support.world import World, served

__all__ = ["world"]


@pytest.fixture
def world() -> Iterator[World]:
    """An empty cluster on loopback, with the plugin off."""
    with served(World()) as world:
        yield world

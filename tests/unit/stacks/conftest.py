"""Pulumi's configuration, as a test sets it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.runtime import set_all_config

from tests.unit.support.stackfile import Configure, StackFile

__all__ = ["configure"]


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    """Set the configuration for this test alone."""
    monkeypatch.delenv("PULUMI_CONFIG", raising=False)

    def set_values(**values: Any) -> StackFile:
        file = StackFile(values)
        file.apply()
        return file

    yield set_values
    set_all_config({}, [])

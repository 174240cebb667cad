"""A cluster to ask, for every unit test that needs one, and no patience for what such a cluster never mends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tenacity import stop_after_attempt, wait_none

from pulumi_pod_security.cluster import in_force, questions
from tests.unit.support import providers
from tests.unit.support.world import World, served

__all__ = ["impatience", "provider", "standins", "world"]


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the first answer: real servers take a moment to follow, a stand-in does not."""
    monkeypatch.setattr(in_force._soon, "stop", stop_after_attempt(1))
    monkeypatch.setattr(questions._again_if_lost, "wait", wait_none())


@pytest.fixture
def world() -> Iterator[World]:
    """An empty cluster on loopback, with the plugin off."""
    with served(World()) as world:
        yield world


@pytest.fixture(scope="session")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one certificate that a process trusts."""
    return tmp_path_factory.mktemp("standins")


@pytest.fixture(params=providers.PROVIDERS, ids=[provider.kind for provider in providers.PROVIDERS])
def provider(
    request: pytest.FixtureRequest, standins: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[providers.Served]:
    """Each provider's stand-in, with a cluster whose plugin is off."""
    with providers.served(request.param, standins, monkeypatch) as found:
        yield found

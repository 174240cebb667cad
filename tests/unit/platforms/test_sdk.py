"""What the SDKs have in common."""

from __future__ import annotations

import importlib

import pytest

from pulumi_pod_security.platforms.sdk import has_plugin, imported, retry_after
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.providers import Served


def test_a_missing_sdk_names_its_extra(provider: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever left the extra out is told the command that installs it."""
    real = importlib.import_module

    def missing(name: str) -> object:
        if name.startswith(("scaleway", "azure", "google")):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    kind = provider.provider.kind
    with pytest.raises(SwitchError, match=rf"pip install 'pulumi-pod-security\[{kind}\]'"):
        provider.field().is_enabled()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7), ("0", 0), ("", 0), ("soon", 0), ("Fri, 31 Dec 1999 23:59:59 GMT", 0), ("100000", 300)],
)
def test_how_long_a_server_wants_to_be_left_alone(value: str, seconds: float) -> None:
    """Seconds, within reason; a date is not worked out."""
    assert retry_after({"Retry-After": value}) == seconds
    assert retry_after({}) == 0


@pytest.mark.parametrize(
    ("version", "has"),
    [("1.24.17", True), ("v1.24.17-gke.2155000", True), ("1.9", True), ("1.25.0", False), ("2.0", False), ("", True)],
)
def test_the_plugin_ended_at_1_24(version: str, has: bool) -> None:  # noqa: FBT001 - a table
    """A version that cannot be read tells nothing."""
    assert has_plugin(version) is has


def test_what_is_there_is_imported() -> None:
    """The module itself."""
    assert imported("json", extra="gke") is importlib.import_module("json")

"""The switch that one field of a provider's API is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from pulumi_pod_security.platforms.field import FieldSwitch


@dataclass(kw_only=True)
class Field:
    """A field, and the calls that changed it."""

    enabled: bool
    calls: list[str] = field(default_factory=list)

    def is_enabled(self) -> bool:
        """What it says."""
        return self.enabled

    def enable(self) -> None:
        """Change it."""
        self.calls.append("enable")
        self.enabled = True

    def disable(self) -> None:
        """Change it back."""
        self.calls.append("disable")
        self.enabled = False


def test_on_and_off_again() -> None:
    """What was off before us is off after us, with one call each way."""
    found = Field(enabled=False)
    switch = FieldSwitch(found, was_on=False)
    assert not switch.is_set
    switch.turn_on()
    switch.turn_on()
    assert switch.is_set
    switch.turn_off()
    switch.turn_off()
    assert (found.enabled, found.calls) == (False, ["enable", "disable"])


@pytest.mark.parametrize("move", ["turn_on", "turn_off"])
def test_what_was_on_stays_on(move: str) -> None:
    """Who enabled it before us keeps it, and the provider is not asked to change anything."""
    found = Field(enabled=True)
    getattr(FieldSwitch(found, was_on=True), move)()
    assert (found.enabled, found.calls) == (True, [])


def test_turned_on_again_by_others_meanwhile() -> None:
    """A plugin we found off is turned off again at the end, whoever turned it on in between."""
    found = Field(enabled=True)
    FieldSwitch(found, was_on=False).turn_off()
    assert found.calls == ["disable"]

"""The switch that one field of a provider's API is."""

from __future__ import annotations

from dataclasses import dataclass, field

from pulumi_pod_security.platforms.field import FieldSwitch


@dataclass(kw_only=True)
class Field:
    """A field, and the moves asked of it."""

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
    """What was off before us is off after us; the field itself knows what there is to do."""
    found = Field(enabled=False)
    switch = FieldSwitch(found, was_on=False)
    assert not switch.is_set
    switch.turn_on()
    assert switch.is_set
    switch.turn_off()
    assert (found.enabled, found.calls) == (False, ["enable", "disable"])


def test_what_was_on_stays_on() -> None:
    """Who enabled it before us keeps it."""
    found = Field(enabled=True)
    FieldSwitch(found, was_on=True).turn_off()
    assert (found.enabled, found.calls) == (True, [])


def test_a_change_that_goes_on_is_waited_for() -> None:
    """A field that says off may be about to say on, so it is asked to be off whatever it says."""
    found = Field(enabled=False)
    FieldSwitch(found, was_on=False).turn_off()
    assert found.calls == ["disable"]


def test_turned_on_again_by_others_meanwhile() -> None:
    """A plugin we found off is turned off again at the end, whoever turned it on in between."""
    found = Field(enabled=True)
    FieldSwitch(found, was_on=False).turn_off()
    assert found.calls == ["disable"]

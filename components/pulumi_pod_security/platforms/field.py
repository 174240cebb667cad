"""Platforms whose API has one field that says whether the API server runs the PodSecurityPolicy plugin."""

from __future__ import annotations

from typing import Protocol

from pulumi_pod_security.platforms.switch import PluginSwitch

__all__ = ["FieldSwitch", "PluginField"]


class PluginField(Protocol):
    """The field of one cluster, read and changed by the provider's own SDK."""

    def is_enabled(self) -> bool:
        """What the provider's API says now; raises SwitchError."""

    def enable(self) -> None:
        """Wait until nothing else is going on, change this one field if it needs that, and wait until it is done.

        A change that a killed run began is going on too: what the field says meanwhile is not what it will say.

        Raises:
            SwitchError: the provider refuses, fails, or takes too long.
        """

    def disable(self) -> None:
        """The same the other way; raises SwitchError."""


class FieldSwitch(PluginSwitch):
    """The switch that such a field is.

    Args:
        field: the field of the cluster.
        was_on: what it said before us.
    """

    way_back = None

    def __init__(self, field: PluginField, *, was_on: bool) -> None:
        self._field = field
        self.was_on = was_on

    @property
    def is_set(self) -> bool:
        """What the field says now."""
        return self._field.is_enabled()

    def turn_on(self) -> None:
        """Have the plugin enabled."""
        self._field.enable()

    def turn_off(self) -> None:
        """Have the plugin disabled, unless it was enabled before us."""
        if not self.was_on:
            self._field.disable()

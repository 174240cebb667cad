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
        """Change this one field and wait until the provider is done; raises SwitchError."""

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
        """Enable the plugin, unless the provider has it enabled."""
        if not self._field.is_enabled():
            self._field.enable()

    def turn_off(self) -> None:
        """Disable the plugin, unless it was enabled before us or is disabled already."""
        if not self.was_on and self._field.is_enabled():
            self._field.disable()

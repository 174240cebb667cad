"""A platform's switch that moves a world's plugin, and does so badly when told."""

from __future__ import annotations

from dataclasses import dataclass, field

from pulumi_pod_security.platforms.switch import ByHand, PluginSwitch, SwitchError
from tests.unit.support.world import World

__all__ = ["FakeSwitch", "Person"]


@dataclass(frozen=True, kw_only=True)
class Person:
    """What someone must do by hand."""

    standing: str = "1 of 2 API servers still run the plugin: cp-2"
    command: str = "kubeadm upgrade"


@dataclass(kw_only=True)
class FakeSwitch(PluginSwitch):
    """Turns the plugin of a world on and off.

    Attributes:
        was_on, way_back: as the switch says them.
        broken: moves (`on`, `off`) that fail.
        idle: moves that have no effect on the API server.
        moves: every move so far.
    """

    world: World
    was_on: bool = False
    way_back: ByHand | None = None
    broken: frozenset[str] = frozenset()
    idle: frozenset[str] = frozenset()
    moves: list[str] = field(default_factory=list)

    @property
    def is_set(self) -> bool:
        """Whether the world's plugin is on."""
        return self.world.enforcing

    def turn_on(self) -> None:
        """Turn the plugin on."""
        self._move("on")

    def turn_off(self) -> None:
        """Turn it off, unless it was on before."""
        self._move("off")

    def _move(self, move: str) -> None:
        self.moves.append(move)
        if move in self.broken:
            raise SwitchError(f"the switch does not turn {move}")
        if move not in self.idle:
            self.world.enforcing = move == "on" or self.was_on

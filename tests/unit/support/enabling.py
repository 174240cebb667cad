"""The providers of resources of a platform with a switch in its API, and a cluster that follows the switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.policy import presets
from pulumi_pod_security.resources import aks, gke, kapsule
from pulumi_pod_security.resources.plugin_field import FieldFoundProvider, FieldSwitchProvider
from tests.unit.support.inputs import inputs_of, received
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL
from tests.unit.support.providers import Served
from tests.unit.support.world import World

__all__ = ["Enabling", "enabling", "providers_of"]

_PROVIDERS: dict[str, tuple[FieldFoundProvider, FieldSwitchProvider]] = {
    "aks": (aks.AksFoundProvider(), aks.AksSwitchProvider()),
    "gke": (gke.GkeFoundProvider(), gke.GkeSwitchProvider()),
    "kapsule": (kapsule.KapsuleFoundProvider(), kapsule.KapsuleSwitchProvider()),
}


def providers_of(kind: str) -> tuple[FieldFoundProvider, FieldSwitchProvider]:
    """What records and what switches, on a platform."""
    return _PROVIDERS[kind]


@dataclass(frozen=True, kw_only=True)
class Enabling:
    """One platform, its stand-in, and a cluster with one Deployment that `default` admits."""

    served: Served
    world: World

    @property
    def found(self) -> FieldFoundProvider:
        """What records."""
        return providers_of(self.served.provider.kind)[0]

    @property
    def switch(self) -> FieldSwitchProvider:
        """What switches."""
        return providers_of(self.served.provider.kind)[1]

    def inputs(self, **more: Any) -> dict[str, Any]:
        """The inputs of both."""
        rest = {"refused": [], "timeout_seconds": 5, **self.served.place, **more}
        return inputs_of(self.world, [presets.default()], [TO_ALL], **rest)

    def up(self, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What both record in an update."""
        found = received(self.found.create(self.inputs(**more)).outs or {})
        return found, received(self.switch.create({**self.inputs(**more), "was_on": found["was_on"]}).outs or {})

    def destroy(self, found: dict[str, Any], switch: dict[str, Any] | None) -> None:
        """The end, in its order."""
        if switch is not None:
            self.switch.delete("enforcement", switch)
        self.found.delete("found", found)


def enabling(served: Served, world: World) -> Enabling:
    """That platform, with the cluster's API server behind it."""
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    world.lists["/apis/apps/v1/deployments"] = [owner("cart")]

    def flip(enabled: bool) -> None:  # noqa: FBT001 - what is wanted
        world.enforcing = enabled

    served.managed.flip = flip
    return Enabling(served=served, world=world)

"""Inline CSI volumes of drivers the policy does not list are refused.

Policy: `allowedCSIDrivers`, every driver when left out or empty, once `csi` volumes are allowed.
Pod: `volumes[].csi.driver`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls import printing, volumes
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reason, invalid
from pulumi_pod_security.controls.volume import fs_type
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The drivers that may be used."""

    drivers: frozenset[str]


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked without drivers, or where such volumes are refused as such."""
    drivers = frozenset(each.name for each in policy.spec.allowed_csi_drivers or ())
    return Settings(drivers=drivers) if drivers and volumes.allows(policy, "csi") else None


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each volume of a driver that is not listed."""
    found = pod.spec.volumes if pod.spec else None
    for index, volume in enumerate(found or ()):
        source = volume.csi
        if source is None or fs_type(volume) != "csi":
            continue
        driver = source.driver or ""
        if driver not in settings.drivers:
            path = f"spec.volumes[{index}].csi.driver"
            yield invalid(path, printing.quoted(driver), "Inline CSI driver is not allowed to be used")


CONTROL = Control(id="csi_drivers", psp_fields=("allowedCSIDrivers",), settings=settings, judge=judge)

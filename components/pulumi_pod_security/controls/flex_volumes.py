"""flexVolumes of drivers the policy does not list are refused.

Policy: `allowedFlexVolumes`, every driver when left out or empty, once `flexVolume` volumes are allowed.
Pod: `volumes[].flexVolume.driver`; the plugin's path leaves out `flexVolume`.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.drivers import Drivers, drivers_of, unlisted_drivers
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reason, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Drivers | None:
    """Nothing is asked without drivers, or where such volumes are refused as such."""
    return drivers_of(policy, "flexVolume", (each.driver for each in policy.spec.allowed_flex_volumes or ()))


def judge(asked: Drivers, pod: Pod) -> Iterator[Reason]:
    """Each volume of a driver that is not listed."""
    for index, driver in unlisted_drivers(asked, pod, "flexVolume", attrgetter("flex_volume")):
        path = f"spec.volumes[{index}].driver"
        yield invalid(path, printing.quoted(driver), "Flexvolume driver is not allowed to be used")


CONTROL = Control(id="flex_volumes", psp_fields=("allowedFlexVolumes",), settings=settings, judge=judge)

"""flexVolumes of drivers the policy does not list are refused.

Policy: `allowedFlexVolumes`, every driver when left out or empty, once `flexVolume` volumes are allowed.
Pod: `volumes[].flexVolume.driver`; the plugin's path leaves out `flexVolume`.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from operator import attrgetter

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.drivers import Drivers, driver_clauses, drivers_of, unlisted_drivers
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Drivers | None:
    """Nothing is asked without drivers, or where such volumes are refused as such."""
    return drivers_of(policy, "flexVolume", (each.driver for each in policy.spec.allowed_flex_volumes or ()))


def judge(asked: Drivers, pod: Pod) -> Reasons:
    """Each volume of a driver that is not listed."""
    return tuple(
        invalid(f"spec.volumes[{index}].driver", printing.quoted(driver), "Flexvolume driver is not allowed to be used")
        for index, driver in unlisted_drivers(asked, pod, "flexVolume", attrgetter("flex_volume"))
    )


def cel(asked: Drivers) -> Clauses:
    """Each volume of a driver that is not listed."""
    return driver_clauses(asked, "flexVolume")


CONTROL = of_pods("flex_volumes", psp_fields=("allowedFlexVolumes",), settings=settings, judge=judge, cel=cel)

"""Inline CSI volumes of drivers the policy does not list are refused.

Policy: `allowedCSIDrivers`, every driver when left out or empty, once `csi` volumes are allowed.
Pod: `volumes[].csi.driver`.

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
    return drivers_of(policy, "csi", (each.name for each in policy.spec.allowed_csi_drivers or ()))


def judge(asked: Drivers, pod: Pod) -> Reasons:
    """Each volume of a driver that is not listed."""
    detail = "Inline CSI driver is not allowed to be used"
    return tuple(
        invalid(f"spec.volumes[{index}].csi.driver", printing.quoted(driver), detail)
        for index, driver in unlisted_drivers(asked, pod, "csi", attrgetter("csi"))
    )


def cel(asked: Drivers) -> Clauses:
    """Each volume of a driver that is not listed."""
    return driver_clauses(asked, "csi")


CONTROL = of_pods("csi_drivers", psp_fields=("allowedCSIDrivers",), settings=settings, judge=judge, cel=cel)

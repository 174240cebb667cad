"""`GkeEnablement`: pod_security_policy_config of a Google Kubernetes Engine cluster.

Order: preflight, then whether the plugin was enabled is saved, then the switch. Destroy disables the plugin, if it was
not enabled before, before any grant or policy goes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from pulumi_pod_security.platforms.gke import gke_field
from pulumi_pod_security.platforms.sdk import last_part
from pulumi_pod_security.resources.enforcing import EnforcingResource
from pulumi_pod_security.resources.plugin_field import (
    FieldArgs,
    FieldEnablement,
    FieldFound,
    FieldFoundProvider,
    FieldProvider,
    FieldSwitchProvider,
)

__all__ = ["GkeEnablement", "GkeEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class GkeEnablementArgs(FieldArgs):
    """How enforcement is turned on. Credentials are Google's Application Default Credentials.

    Attributes:
        project, location, cluster: the cluster's name in parts; the location is a region or a zone.
        api_endpoint: host and port of the API, where a network reaches Google only by an endpoint of its own.
    """

    project: pulumi.Input[str]
    location: pulumi.Input[str]
    cluster: pulumi.Input[str]
    api_endpoint: str | None = None


class _Gke(FieldProvider):
    keys: ClassVar[Mapping[str, Callable[[str], str]]] = {"project": str, "location": str, "cluster": last_part}
    reach = ("api_endpoint",)
    field_at = staticmethod(gke_field)


class GkeFoundProvider(_Gke, FieldFoundProvider):
    """Records whether the plugin was enabled before us."""


class GkeSwitchProvider(_Gke, FieldSwitchProvider):
    """Enables the plugin and disables it."""


class GkeFound(FieldFound, module="pod-security", name="GkeFound"):
    """Whether the plugin was enabled before us."""

    provider_type = GkeFoundProvider


class GkeSwitch(EnforcingResource, module="pod-security", name="GkeSwitch"):
    """Enforcement on a GKE cluster."""

    provider_type = GkeSwitchProvider


class GkeEnablement(FieldEnablement):
    """Preflight, then `GkeFound`, then `GkeSwitch`."""

    found_type = GkeFound
    switch_type = GkeSwitch

    def __init__(self, name: str, args: GkeEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

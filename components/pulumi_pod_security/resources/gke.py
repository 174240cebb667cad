"""`GkeEnablement`: pod_security_policy_config of a Google Kubernetes Engine cluster.

Order: preflight, then whether the plugin was enabled is saved, then the switch. Destroy disables the plugin, if it was
not enabled before, before any grant or policy goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_pod_security.platforms.gke import gke_field
from pulumi_pod_security.platforms.moving import Pace, ProviderField
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.enforcing import EnforcingResource
from pulumi_pod_security.resources.plugin_field import (
    FieldEnablement,
    FieldFound,
    FieldFoundProvider,
    FieldProvider,
    FieldSwitchProvider,
)

__all__ = ["GkeEnablement", "GkeEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class GkeEnablementArgs:
    """How enforcement is turned on. Credentials are Google's Application Default Credentials.

    Attributes:
        baseline: the policies and grants to enforce.
        project, location, cluster: the cluster's name in parts; the location is a region or a zone.
        api_endpoint: host and port of the API, where a network reaches Google only by an endpoint of its own.
        timeout_seconds: how long Google may take to change the cluster, and its API server to follow.
    """

    baseline: PodSecurityBaseline
    project: pulumi.Input[str]
    location: pulumi.Input[str]
    cluster: pulumi.Input[str]
    api_endpoint: str | None = None
    timeout_seconds: int = 1800


class _Gke(FieldProvider):
    keys = ("project", "location", "cluster")
    reach = ("api_endpoint",)

    def field_at(self, props: Mapping[str, Any], pace: Pace) -> ProviderField:
        return gke_field(
            project=props["project"],
            location=props["location"],
            cluster=props["cluster"],
            api_endpoint=props.get("api_endpoint"),
            pace=pace,
        )


class GkeFoundProvider(_Gke, FieldFoundProvider):
    """Records whether the plugin was enabled before us."""


class GkeSwitchProvider(_Gke, FieldSwitchProvider):
    """Enables the plugin and disables it."""


class GkeFound(FieldFound, module="pod-security", name="GkeFound"):
    """Whether the plugin was enabled before us."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(GkeFoundProvider(), name, props, opts)


class GkeSwitch(EnforcingResource, module="pod-security", name="GkeSwitch"):
    """Enforcement on a GKE cluster."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(GkeSwitchProvider(), name, props, opts)


class GkeEnablement(FieldEnablement):
    """Preflight, then `GkeFound`, then `GkeSwitch`."""

    found_type = GkeFound
    switch_type = GkeSwitch

    def __init__(self, name: str, args: GkeEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        place = {
            "project": args.project,
            "location": args.location,
            "cluster": args.cluster,
            "api_endpoint": args.api_endpoint,
            "timeout_seconds": args.timeout_seconds,
        }
        super().__init__("pod-security:index:GkeEnablement", name, args.baseline, place, opts)

"""`AksEnablement`: enablePodSecurityPolicy of an Azure Kubernetes Service cluster.

Order: preflight, then whether the plugin was enabled is saved, then the switch. Destroy disables the plugin, if it was
not enabled before, before any grant or policy goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_pod_security.platforms.aks import aks_field
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

__all__ = ["AksEnablement", "AksEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class AksEnablementArgs:
    """How enforcement is turned on. Credentials are those that azure-identity finds: `az login`, or the environment.

    Attributes:
        baseline: the policies and grants to enforce.
        subscription, resource_group, cluster: the cluster's name in parts; the subscription is its id.
        endpoint: address of Azure Resource Manager, where it is not that of the cloud that `AZURE_CLOUD` names.
        timeout_seconds: how long Azure may take to change the cluster, and its API server to follow.
    """

    baseline: PodSecurityBaseline
    subscription: pulumi.Input[str]
    resource_group: pulumi.Input[str]
    cluster: pulumi.Input[str]
    endpoint: str | None = None
    timeout_seconds: int = 1800


class _Aks(FieldProvider):
    keys = ("subscription", "resource_group", "cluster")
    reach = ("endpoint",)

    def field_at(self, props: Mapping[str, Any], pace: Pace) -> ProviderField:
        return aks_field(
            subscription=props["subscription"],
            resource_group=props["resource_group"],
            cluster=props["cluster"],
            endpoint=props.get("endpoint"),
            pace=pace,
        )


class AksFoundProvider(_Aks, FieldFoundProvider):
    """Records whether the plugin was enabled before us."""


class AksSwitchProvider(_Aks, FieldSwitchProvider):
    """Enables the plugin and disables it."""


class AksFound(FieldFound, module="pod-security", name="AksFound"):
    """Whether the plugin was enabled before us."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(AksFoundProvider(), name, props, opts)


class AksSwitch(EnforcingResource, module="pod-security", name="AksSwitch"):
    """Enforcement on an AKS cluster."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(AksSwitchProvider(), name, props, opts)


class AksEnablement(FieldEnablement):
    """Preflight, then `AksFound`, then `AksSwitch`."""

    found_type = AksFound
    switch_type = AksSwitch

    def __init__(self, name: str, args: AksEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        place = {
            "subscription": args.subscription,
            "resource_group": args.resource_group,
            "cluster": args.cluster,
            "endpoint": args.endpoint,
            "timeout_seconds": args.timeout_seconds,
        }
        super().__init__("pod-security:index:AksEnablement", name, args.baseline, place, opts)

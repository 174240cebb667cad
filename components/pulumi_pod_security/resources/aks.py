"""`AksEnablement`: enablePodSecurityPolicy of an Azure Kubernetes Service cluster.

Order: preflight, then whether the plugin was enabled is saved, then the switch. Destroy disables the plugin, if it was
not enabled before, before any grant or policy goes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from pulumi_pod_security.platforms.aks import aks_field
from pulumi_pod_security.resources.enforcing import EnforcingResource
from pulumi_pod_security.resources.plugin_field import (
    FieldArgs,
    FieldEnablement,
    FieldFound,
    FieldFoundProvider,
    FieldProvider,
    FieldSwitchProvider,
)

__all__ = ["AksEnablement", "AksEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class AksEnablementArgs(FieldArgs):
    """How enforcement is turned on. Credentials are those that azure-identity finds: `az login`, or the environment.

    Attributes:
        subscription, resource_group, cluster: the cluster's name in parts; the subscription is its id.
        endpoint: address of Azure Resource Manager, where it is not that of the cloud that `AZURE_CLOUD` names.
    """

    subscription: pulumi.Input[str]
    resource_group: pulumi.Input[str]
    cluster: pulumi.Input[str]
    endpoint: str | None = None


class _Aks(FieldProvider):
    # Azure tells no case in any of them.
    keys: ClassVar[Mapping[str, Callable[[str], str]]] = dict.fromkeys(
        ("subscription", "resource_group", "cluster"), str.lower
    )
    reach = ("endpoint",)
    field_at = staticmethod(aks_field)


class AksFoundProvider(_Aks, FieldFoundProvider):
    """Records whether the plugin was enabled before us."""


class AksSwitchProvider(_Aks, FieldSwitchProvider):
    """Enables the plugin and disables it."""


class AksFound(FieldFound, module="pod-security", name="AksFound"):
    """Whether the plugin was enabled before us."""

    provider_type = AksFoundProvider


class AksSwitch(EnforcingResource, module="pod-security", name="AksSwitch"):
    """Enforcement on an AKS cluster."""

    provider_type = AksSwitchProvider


class AksEnablement(FieldEnablement):
    """Preflight, then `AksFound`, then `AksSwitch`."""

    found_type = AksFound
    switch_type = AksSwitch

    def __init__(self, name: str, args: AksEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

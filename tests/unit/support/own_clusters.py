"""Clusters as the providers' packages for Pulumi make them: their type tokens and the names of their inputs.

The packages themselves are tens to hundreds of megabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pulumi

import pulumi_pod_security as ps

__all__ = ["OWN_CLUSTERS", "OwnCluster", "OwnKind"]


class OwnCluster(pulumi.CustomResource):
    """A cluster of any provider."""

    def __init__(self, token: str, name: str, props: dict[str, Any], opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(token, name, props, opts)


@dataclass(frozen=True, kw_only=True)
class OwnKind:
    """One provider's cluster.

    Attributes:
        token: its type.
        off, on: inputs that leave the plugin off, and that turn it on.
        ignored: what must be ignored.
        enablement: the platform's component, from an output of the cluster.
    """

    token: str
    off: dict[str, Any]
    on: dict[str, Any]
    ignored: str
    enablement: Callable[[ps.PodSecurityBaseline, pulumi.Input[str]], Any]


@pulumi.input_type
class _Config:
    """As `gcp.container.ClusterPodSecurityPolicyConfigArgs`."""

    def __init__(self, *, enabled: bool) -> None:
        pulumi.set(self, "enabled", enabled)

    @property
    @pulumi.getter
    def enabled(self) -> bool:
        """Whether the plugin is on."""
        enabled: bool = pulumi.get(self, "enabled")
        return enabled


def _gke(baseline: ps.PodSecurityBaseline, cluster: pulumi.Input[str]) -> Any:
    args = ps.GkeEnablementArgs(baseline=baseline, project="p", location="l", cluster=cluster)
    return ps.GkeEnablement("enforce", args)


def _aks(baseline: ps.PodSecurityBaseline, cluster: pulumi.Input[str]) -> Any:
    args = ps.AksEnablementArgs(baseline=baseline, subscription="s", resource_group="g", cluster=cluster)
    return ps.AksEnablement("enforce", args)


def _kapsule(baseline: ps.PodSecurityBaseline, cluster: pulumi.Input[str]) -> Any:
    return ps.KapsuleEnablement(
        "enforce", ps.KapsuleEnablementArgs(baseline=baseline, region="fr-par", cluster=cluster)
    )


def _azure(token: str) -> OwnKind:
    field = "enable_pod_security_policy"
    return OwnKind(
        token=token, off={field: False}, on={field: True}, ignored="enablePodSecurityPolicy", enablement=_aks
    )


def _google(off: Any, on: Any) -> OwnKind:
    field = "pod_security_policy_config"
    token = "gcp:container/cluster:Cluster"
    return OwnKind(token=token, off={field: off}, on={field: on}, ignored="podSecurityPolicyConfig", enablement=_gke)


OWN_CLUSTERS = {
    "gcp": _google(_Config(enabled=False), _Config(enabled=True)),
    "gcp-dict": _google({"enabled": False}, {"enabled": True}),
    "azure": _azure("azure-native:containerservice:ManagedCluster"),
    "azure-version": _azure("azure-native:containerservice/v20250101:ManagedCluster"),
    "scaleway": OwnKind(
        token="scaleway:kubernetes/cluster:Cluster",
        off={"admission_plugins": ["AlwaysPullImages"]},
        on={"admission_plugins": ["AlwaysPullImages", "PodSecurityPolicy"]},
        ignored="admissionPlugins",
        enablement=_kapsule,
    ),
}

"""`KapsuleEnablement`: PodSecurityPolicy among the admission plugins of a Scaleway Kapsule cluster.

Order: preflight, then whether the plugin was there is saved, then the switch. Destroy takes the plugin out, if it was
not there before, before any grant or policy goes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_pod_security.platforms.kapsule import kapsule_field
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

__all__ = ["KapsuleEnablement", "KapsuleEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class KapsuleEnablementArgs:
    """How enforcement is turned on. Credentials are those of Scaleway's own tools: environment or configuration file.

    Attributes:
        baseline: the policies and grants to enforce.
        region: such as `fr-par`.
        cluster: the cluster's id, with or without the region before it.
        timeout_seconds: how long Scaleway may take to change the cluster, and its API server to follow.
    """

    baseline: PodSecurityBaseline
    region: pulumi.Input[str]
    cluster: pulumi.Input[str]
    timeout_seconds: int = 1800


class _Kapsule(FieldProvider):
    keys = ("region", "cluster")

    def field_at(self, props: Mapping[str, Any], pace: Pace) -> ProviderField:
        return kapsule_field(region=props["region"], cluster=props["cluster"], pace=pace)


class KapsuleFoundProvider(_Kapsule, FieldFoundProvider):
    """Records whether the cluster had the plugin before us."""


class KapsuleSwitchProvider(_Kapsule, FieldSwitchProvider):
    """Puts the plugin into the cluster's list and takes it out."""


class KapsuleFound(FieldFound, module="pod-security", name="KapsuleFound"):
    """Whether the cluster had the plugin before us."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(KapsuleFoundProvider(), name, props, opts)


class KapsuleSwitch(EnforcingResource, module="pod-security", name="KapsuleSwitch"):
    """Enforcement on a Kapsule cluster."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(KapsuleSwitchProvider(), name, props, opts)


class KapsuleEnablement(FieldEnablement):
    """Preflight, then `KapsuleFound`, then `KapsuleSwitch`."""

    found_type = KapsuleFound
    switch_type = KapsuleSwitch

    def __init__(self, name: str, args: KapsuleEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        place = {"region": args.region, "cluster": args.cluster, "timeout_seconds": args.timeout_seconds}
        super().__init__("pod-security:index:KapsuleEnablement", name, args.baseline, place, opts)

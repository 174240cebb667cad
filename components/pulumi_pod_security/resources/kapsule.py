"""`KapsuleEnablement`: PodSecurityPolicy among the admission plugins of a Scaleway Kapsule cluster.

Order: preflight, then whether the plugin was there is saved, then the switch. Destroy takes the plugin out, if it was
not there before, before any grant or policy goes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import pulumi

from pulumi_pod_security.platforms.kapsule import kapsule_field
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

__all__ = ["KapsuleEnablement", "KapsuleEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class KapsuleEnablementArgs(FieldArgs):
    """How enforcement is turned on. Credentials are those of Scaleway's own tools: environment or configuration file.

    Attributes:
        region: such as `fr-par`.
        cluster: the cluster's id, with or without the region before it.
    """

    region: pulumi.Input[str]
    cluster: pulumi.Input[str]


class _Kapsule(FieldProvider):
    keys: ClassVar[Mapping[str, Callable[[str], str]]] = {"region": str, "cluster": last_part}
    field_at = staticmethod(kapsule_field)


class KapsuleFoundProvider(_Kapsule, FieldFoundProvider):
    """Records whether the cluster had the plugin before us."""


class KapsuleSwitchProvider(_Kapsule, FieldSwitchProvider):
    """Puts the plugin into the cluster's list and takes it out."""


class KapsuleFound(FieldFound, module="pod-security", name="KapsuleFound"):
    """Whether the cluster had the plugin before us."""

    provider_type = KapsuleFoundProvider


class KapsuleSwitch(EnforcingResource, module="pod-security", name="KapsuleSwitch"):
    """Enforcement on a Kapsule cluster."""

    provider_type = KapsuleSwitchProvider


class KapsuleEnablement(FieldEnablement):
    """Preflight, then `KapsuleFound`, then `KapsuleSwitch`."""

    found_type = KapsuleFound
    switch_type = KapsuleSwitch

    def __init__(self, name: str, args: KapsuleEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)

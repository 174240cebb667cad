"""`MkeEnablement`: PodSecurityPolicy enforced on Mirantis Kubernetes Engine, proven, and undone by itself if not."""

from dataclasses import dataclass

import pulumi

from pulumi_pod_security.platforms.mke import PLATFORM
from pulumi_pod_security.resources.defaults_enablement import DefaultsArgs, DefaultsEnablement

__all__ = ["MkeEnablement", "MkeEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class MkeEnablementArgs(DefaultsArgs):
    """How enforcement is turned on."""


class MkeEnablement(DefaultsEnablement):
    """Preflight, then the provider's defaults are saved, then removed; destroy puts them back."""

    def __init__(self, name: str, args: MkeEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(PLATFORM, name, args, opts)

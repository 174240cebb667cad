"""`EksEnablement`: PodSecurityPolicy enforced on Amazon EKS, proven, and undone by itself if not."""

from dataclasses import dataclass

import pulumi

from pulumi_pod_security.platforms.eks import PLATFORM
from pulumi_pod_security.resources.defaults_enablement import DefaultsArgs, DefaultsEnablement

__all__ = ["EksEnablement", "EksEnablementArgs"]


@dataclass(frozen=True, kw_only=True)
class EksEnablementArgs(DefaultsArgs):
    """How enforcement is turned on."""


class EksEnablement(DefaultsEnablement):
    """Preflight, then the provider's defaults are saved, then removed; destroy puts them back."""

    def __init__(self, name: str, args: EksEnablementArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(PLATFORM, name, args, opts)

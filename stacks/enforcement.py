"""The part every stack with a platform has: the baseline is enforced as that platform does it."""

from typing import Any

import msgspec
import pulumi

import pulumi_pod_security as ps
from pulumi_pod_security.resources.enablement import Enablement
from stacks.kubeadm import kubeadm_enablement
from stacks.platforms import (
    AksPlatform,
    EksPlatform,
    GkePlatform,
    KapsulePlatform,
    KubeadmPlatform,
    MkePlatform,
    Platform,
)

__all__ = ["enforcement_stack"]

_NAME = "enforce"


def enforcement_stack(platform: Platform, baseline: ps.PodSecurityBaseline) -> Enablement:
    """Enforce `baseline`; what a person has left to do is the output `command`."""
    enablement = _enablement(platform, baseline)
    pulumi.export("enforced", enablement.enforced)
    pulumi.export("command", enablement.command)
    return enablement


def _enablement(platform: Platform, baseline: ps.PodSecurityBaseline) -> Enablement:
    place: dict[str, Any] = {
        key: value for key, value in msgspec.structs.asdict(platform).items() if key != "timeout_seconds"
    }
    always: dict[str, Any] = {"baseline": baseline, **platform.patience}
    match platform:
        case KubeadmPlatform():
            return kubeadm_enablement(_NAME, platform, baseline)
        case EksPlatform():
            return ps.EksEnablement(_NAME, ps.EksEnablementArgs(**always))
        case MkePlatform():
            return ps.MkeEnablement(_NAME, ps.MkeEnablementArgs(**always))
        case GkePlatform():
            return ps.GkeEnablement(_NAME, ps.GkeEnablementArgs(**always, **place))
        case AksPlatform():
            return ps.AksEnablement(_NAME, ps.AksEnablementArgs(**always, **place))
        case KapsulePlatform():
            return ps.KapsuleEnablement(_NAME, ps.KapsuleEnablementArgs(**always, **place))

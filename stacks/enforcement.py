"""What holds pods to the baseline of a stack: admission policies, labels, or the plugin as its platform turns it on."""

from typing import Any

import msgspec
import pulumi

import pulumi_pod_security as ps
from pulumi_pod_security.policy.enforcement import CEL, CEL_AND_PSA, PSP, Choice
from pulumi_pod_security.resources.enablement import Enablement
from stacks.config import StackConfig
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
from stacks.standards import standards_stack

__all__ = ["enforcement_stack"]

_NAME = "enforce"


def enforcement_stack(config: StackConfig, baseline: ps.PodSecurityBaseline, choice: Choice) -> None:
    """Enforce `baseline` with what was chosen; labels hold first, so that there is no moment without any."""
    labels = [] if config.standards is None else [standards_stack(config.standards, baseline, baseline.ready)]
    if choice.enforcement in (CEL, CEL_AND_PSA):
        args = ps.CelEnablementArgs(baseline=baseline, mutates=choice.mutates, stage=config.stage)
        ps.CelEnablement(_NAME, args, pulumi.ResourceOptions(depends_on=labels))
        pulumi.export("stage", config.stage)
    elif choice.enforcement == PSP and config.platform is not None:
        _platform_stack(config.platform, baseline)


def _platform_stack(platform: Platform, baseline: ps.PodSecurityBaseline) -> None:
    """Turn the plugin on; what a person has left to do is the output `command`."""
    enablement = _enablement(platform, baseline)
    pulumi.export("enforced", enablement.enforced)
    pulumi.export("command", enablement.command)


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

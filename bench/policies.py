"""The policy that figures are taken with."""

import dataclasses

from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.presets import restricted

__all__ = ["restricted_with_seccomp"]


def restricted_with_seccomp() -> PodSecurityPolicy:
    """The preset, but with a seccomp profile to give: without one it refuses nearly every pod."""
    policy = restricted()
    return dataclasses.replace(policy, seccomp=dataclasses.replace(policy.seccomp, default="runtime/default"))

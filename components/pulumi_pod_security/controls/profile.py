"""Profiles that the standards let a pod name: the runtime's default, and those of the node.

Upstream: policy/check_seccompProfile_baseline.go and policy/check_appArmorProfile.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_pod_security.controls.pod import AppArmorProfile, SeccompProfile

__all__ = ["is_another", "other_types"]

_TYPES = ("RuntimeDefault", "Localhost")


def is_another(profile: AppArmorProfile | SeccompProfile | None) -> bool:
    """Whether a profile is named that is neither of them."""
    return profile is not None and profile.type not in _TYPES


def other_types(profiles: Iterable[AppArmorProfile | SeccompProfile | None]) -> list[str]:
    """The types of the others, in order."""
    return sorted({profile.type or "" for profile in profiles if profile is not None and is_another(profile)})

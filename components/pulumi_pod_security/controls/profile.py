"""Seccomp and AppArmor profiles: how annotations, fields and expressions name them, and which the standards allow.

Upstream: pkg/apis/core/pods/helpers.go and pkg/api/pod/util.go, kubernetes v1.24.17;
policy/check_seccompProfile_baseline.go and policy/check_appArmorProfile.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pulumi_pod_security.controls.cel import literal
from pulumi_pod_security.controls.pod import AppArmorProfile, SeccompProfile

__all__ = ["as_annotation", "field_of", "is_another", "name_of", "other_types"]

_LOCAL = "localhost/"
_NAMES = {"Unconfined": "unconfined", "RuntimeDefault": "runtime/default"}
_TYPES = {**{name: kind for kind, name in _NAMES.items()}, "docker/default": "RuntimeDefault"}
_CONFINED = ("RuntimeDefault", "Localhost")


def as_annotation(field: AppArmorProfile | SeccompProfile) -> str:
    """The field's profile as an annotation names it; nothing for one that is no profile."""
    if field.type == "Localhost":
        return "" if field.localhost_profile is None else f"{_LOCAL}{field.localhost_profile}"
    return _NAMES.get(field.type or "", "")


def field_of(annotation: str) -> Mapping[str, str] | None:
    """The field that names the profile of the annotation; None for one that is no profile."""
    local = annotation.removeprefix(_LOCAL)
    if local and local != annotation:
        return {"type": "Localhost", "localhostProfile": local}
    return {"type": _TYPES[annotation]} if annotation in _TYPES else None


def name_of(profile: str) -> str:
    """The name of a profile, as an annotation has it; both are expressions for optionals."""
    local = f'p.?localhostProfile.optMap(l, "{_LOCAL}" + l).orValue("")'
    return f"{profile}.optMap(p, {literal(_NAMES)}[?p.type].orValue({local}))"


def is_another(profile: AppArmorProfile | SeccompProfile | None) -> bool:
    """Whether a profile is named that is neither the runtime's default nor one of the node."""
    return profile is not None and profile.type not in _CONFINED


def other_types(profiles: Iterable[AppArmorProfile | SeccompProfile | None]) -> list[str]:
    """The types of the others, in order."""
    return sorted({profile.type or "" for profile in profiles if profile is not None and is_another(profile)})

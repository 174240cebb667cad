"""Seccomp profiles: one to give, and a list of those that may be named.

Policy: two annotations. Without the list no profile may be named; `*` in it is all; `docker/default` and
`runtime/default` stand for each other. Pod: the annotation, else the field, of the pod and of every container.
Whatever the policy says, the plugin writes the pod's profile as an annotation when the pod has it as a field only:
so every policy changes such a pod.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.pod import Container, Pod, SeccompProfile, containers, pod_security, with_annotation
from pulumi_pod_security.controls.reason import Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import SECCOMP

__all__ = ["CONTAINER_PREFIX", "CONTROL", "POD_KEY", "Settings", "as_annotation"]

POD_KEY = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/"

_ALIKE = frozenset({"docker/default", "runtime/default"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The profile to give, and those that may be named: None for all, nothing for none at all."""

    default: str
    allowed: frozenset[str] | None
    listed: str


def settings(policy: PodSecurityPolicy) -> Settings:
    """The two annotations; every policy has something to write."""
    names = policy.seccomp.allowed or ()
    allowed = frozenset(names) if _ALIKE.isdisjoint(names) else _ALIKE.union(names)
    return Settings(
        default=policy.seccomp.default or "", allowed=None if "*" in names else allowed, listed=",".join(names)
    )


def default(settings: Settings, pod: Pod) -> Pod:
    """Write the pod's profile, or the policy's for a pod that has none, as the annotation."""
    if pod.annotations.get(POD_KEY):
        return pod
    field = pod_security(pod).seccomp_profile
    profile = settings.default if field is None else as_annotation(field)
    return with_annotation(pod, POD_KEY, profile) if profile else pod


def as_annotation(field: SeccompProfile) -> str:
    """The field's profile as an annotation names it; nothing for one that is no profile."""
    if field.type == "Localhost":
        return "" if field.localhost_profile is None else f"localhost/{field.localhost_profile}"
    return {"Unconfined": "unconfined", "RuntimeDefault": "runtime/default"}.get(field.type or "", "")


def judge(settings: Settings, pod: Pod) -> Reasons:
    """The pod's profile and each container's, where they may not be named."""
    if settings.allowed is None:
        return ()
    annotations, field = pod.annotations, pod_security(pod).seccomp_profile
    from_field = "" if field is None else as_annotation(field)
    reasons = _profile_reasons(settings, annotations.get(POD_KEY) or from_field, POD_KEY)
    inherited = annotations.get(POD_KEY, "") if field is None else from_field
    for _, container in containers(pod):
        profile = _of_container(container, annotations, inherited)
        reasons += _profile_reasons(settings, profile, CONTAINER_PREFIX + container.name)
    return reasons


def _of_container(container: Container, annotations: Mapping[str, str], inherited: str) -> str:
    context = container.security_context
    if context and context.seccomp_profile is not None:
        return as_annotation(context.seccomp_profile)
    return annotations.get(CONTAINER_PREFIX + container.name, inherited)


def _profile_reasons(settings: Settings, profile: str, key: str) -> Reasons:
    path = f"pod.metadata.annotations[{key}]"
    if not settings.allowed:
        return (forbidden(path, "seccomp may not be set"),) if profile else ()
    if profile in settings.allowed:
        return ()
    return (forbidden(path, f"{profile} is not an allowed seccomp profile. Valid values are {settings.listed}"),)


CONTROL = of_pods(
    "seccomp", psp_fields=(SECCOMP.allowed, SECCOMP.default), settings=settings, judge=judge, default=default
)

"""Seccomp profiles: one to give, and a list of those that may be named.

Policy: two annotations. Without the list no profile may be named; `*` in it is all; `docker/default` and
`runtime/default` stand for each other. Pod: the annotation, else the field, of the pod and of every container.
Whatever the policy says, the plugin writes the pod's profile as an annotation when the pod has it as a field only:
so every policy changes such a pod.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.pod import (
    Pod,
    SeccompProfile,
    each_container,
    pod_security,
    security,
    with_annotation,
)
from pulumi_pod_security.controls.reason import Reason, Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import SECCOMP

__all__ = ["CONTAINER_PREFIX", "CONTROL", "POD_KEY", "Settings", "as_annotation"]

POD_KEY = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/"

_ALIKE = frozenset({"docker/default", "runtime/default"})
_NAMES: dict[str | None, str] = {"Unconfined": "unconfined", "RuntimeDefault": "runtime/default"}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The profile to give, and those that may be named, as a set, None for all, and in words, None for none at all."""

    default: str
    allowed: frozenset[str] | None
    listed: str | None


def settings(policy: PodSecurityPolicy) -> Settings:
    """The two annotations; every policy has something to write."""
    default, names = policy.seccomp.default or "", policy.seccomp.allowed
    if not names:
        return Settings(default=default, allowed=frozenset({""}), listed=None)
    allowed = frozenset(names) if _ALIKE.isdisjoint(names) else _ALIKE.union(names)
    return Settings(default=default, allowed=None if "*" in names else allowed, listed=",".join(names))


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
    return _NAMES.get(field.type, "")


def judge(settings: Settings, pod: Pod) -> Reasons:
    """The pod's profile and each container's, where they may not be named."""
    allowed = settings.allowed
    if allowed is None:
        return ()
    return tuple([_refusal(settings, key, profile) for key, profile in _profiles(pod) if profile not in allowed])


def _profiles(pod: Pod) -> list[tuple[str, str]]:
    """The profiles of the pod and of every container, each with the annotation that it has, or would have."""
    annotations, field = pod.annotations, pod_security(pod).seccomp_profile
    from_field = "" if field is None else as_annotation(field)
    inherited = annotations.get(POD_KEY, "") if field is None else from_field
    found = [(POD_KEY, annotations.get(POD_KEY) or from_field)]
    for container in each_container(pod):
        key, own = CONTAINER_PREFIX + container.name, security(container).seccomp_profile
        found.append((key, annotations.get(key, inherited) if own is None else as_annotation(own)))
    return found


def _refusal(settings: Settings, key: str, profile: str) -> Reason:
    path, listed = f"pod.metadata.annotations[{key}]", settings.listed
    if listed is None:
        return forbidden(path, "seccomp may not be set")
    return forbidden(path, f"{profile} is not an allowed seccomp profile. Valid values are {listed}")


CONTROL = of_pods(
    "seccomp", psp_fields=(SECCOMP.allowed, SECCOMP.default), settings=settings, judge=judge, default=default
)

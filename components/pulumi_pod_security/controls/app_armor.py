"""AppArmor profiles: one to give, and a list of those that may be named.

Policy: two annotations. Without the list every profile may be named, and with it one must be. Pod: the annotation of
every container.

Standards: baseline refuses all but the runtime's default and profiles of the node, by the annotations and by the
fields that stand for them since 1.30, of the pod and of every container.

Upstream: pkg/security/podsecuritypolicy/apparmor/strategy.go, kubernetes v1.24.17;
policy/check_appArmorProfile.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import contexts, in_quotes, plural, setters
from pulumi_pod_security.controls.pod import Pod, each_container, with_annotations
from pulumi_pod_security.controls.profile import is_another, other_types
from pulumi_pod_security.controls.reason import Reason, Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import APPARMOR

__all__ = ["CHECKS", "CONTAINER_PREFIX", "CONTROL", "Settings"]

CONTAINER_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_NAMES = ("", "runtime/default")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The profile to give, and those that may be named, None for all."""

    default: str
    allowed: frozenset[str] | None
    listed: str


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked without either annotation."""
    names, default = policy.apparmor.allowed, policy.apparmor.default or ""
    if names is None:
        return Settings(default=default, allowed=None, listed="") if default else None
    return Settings(default=default, allowed=frozenset(names), listed=printing.quoted(",".join(names)))


def default(settings: Settings, pod: Pod) -> Pod:
    """Give the policy's profile to every container that has none."""
    if not settings.default:
        return pod
    annotations, given = pod.annotations, dict[str, str]()
    for container in each_container(pod):
        key = CONTAINER_PREFIX + container.name
        if not annotations.get(key):
            given[key] = settings.default
    return with_annotations(pod, given)


def judge(settings: Settings, pod: Pod) -> Reasons:
    """Each container's profile that may not be named, or is missing."""
    allowed, annotations = settings.allowed, pod.annotations
    reasons: Reasons = ()
    if allowed is None:
        return reasons
    for container in each_container(pod):
        key = CONTAINER_PREFIX + container.name
        profile = annotations.get(key)
        if not profile or profile not in allowed:
            reasons += (_refusal(settings, key, profile),)
    return reasons


def _refusal(settings: Settings, key: str, profile: str | None) -> Reason:
    path = f"pod.metadata.annotations[{key}]"
    if not profile:
        return forbidden(path, "AppArmor profile must be set")
    return forbidden(path, f"{profile} is not an allowed profile. Allowed values: {settings.listed}")


CONTROL = of_pods(
    "app_armor", psp_fields=(APPARMOR.allowed, APPARMOR.default), settings=settings, judge=judge, default=default
)


def refuse(pod: Pod) -> Refusal | None:
    """Each other profile, by field or by annotation, also of a container that there is not."""
    found = setters(pod, lambda own: is_another(own.app_armor_profile))
    values = other_types(own.app_armor_profile for own in contexts(pod))
    annotations = sorted(
        f"{key}={printing.quoted(value)}"
        for key, value in pod.annotations.items()
        if key.startswith(CONTAINER_PREFIX) and value not in _NAMES and not value.startswith("localhost/")
    )
    if annotations:
        found.append(plural("annotation", annotations))
    if not found:
        return None
    values += annotations
    detail = f"{' and '.join(found)} must not set AppArmor profile type to {in_quotes(values)}"
    return Refusal(reason=plural("forbidden AppArmor profile", values), detail=detail)


CHECKS = (Check(id="appArmorProfile", level="baseline", rules=(Rule(since=0, judge=refuse),)),)

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
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, is_in, literal, own_or_inherited
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import contexts, in_quotes, plural, setters
from pulumi_pod_security.controls.pod import Pod, each_container, with_annotations
from pulumi_pod_security.controls.profile import field_of, is_another, name_of, other_types
from pulumi_pod_security.controls.reason import Reason, Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import APPARMOR

__all__ = ["CHECKS", "CONTAINER_PREFIX", "CONTROL", "Settings"]

CONTAINER_PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_NAMES = ("", "runtime/default")
_FIELD = "appArmorProfile"
_ANNOTATION = f'object.metadata.?annotations[?("{CONTAINER_PREFIX}" + c.name)].orValue("")'


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


def cel(settings: Settings) -> Clauses:
    """The same, of the annotation or the fields that stand for it since 1.30; and a profile that is missing."""
    given = literal(settings.default)
    profile = f'({_ANNOTATION} != "" ? {_ANNOTATION} : {name_of(own_or_inherited(_FIELD))}.orValue({given}))'
    clauses: Clauses = ()
    if settings.allowed is not None:
        says = f"securityContext.appArmorProfile: must be set, to one of {settings.listed}"
        when = f"!({is_in(profile, settings.allowed - {''})})"
        clauses += (Refused(part="container", when=when, says=says),)
    if settings.default:
        clauses += (
            Written(
                part="container",
                when=f'{_ANNOTATION} == "" && !{own_or_inherited(_FIELD)}.hasValue()',
                says=f"securityContext.appArmorProfile: must be set, such as to {settings.default}",
                field=("securityContext", _FIELD),
                value=literal(field_of(settings.default) or {}),
            ),
        )
    return clauses


CONTROL = of_pods(
    "app_armor",
    psp_fields=(APPARMOR.allowed, APPARMOR.default),
    settings=settings,
    judge=judge,
    cel=cel,
    default=default,
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

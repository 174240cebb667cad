"""Seccomp profiles: one to give, and a list of those that may be named.

Policy: two annotations. Without the list no profile may be named; `*` in it is all; `docker/default` and
`runtime/default` stand for each other. Pod: the annotation, else the field, of the pod and of every container.
Whatever the policy says, the plugin writes the pod's profile as an annotation when the pod has it as a field only:
so every policy changes such a pod.

Standards: baseline refuses all but the runtime's default and profiles of the node, by annotation up to 1.18 and by
field from 1.19 on; restricted refuses having none as well, from 1.25 on not in pods for Windows.

Upstream: pkg/security/podsecuritypolicy/seccomp/strategy.go, kubernetes v1.24.17;
policy/check_seccompProfile_baseline.go and policy/check_seccompProfile_restricted.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, inherited, is_in, literal, own
from pulumi_pod_security.controls.check import Check, Refusal, Rule, except_on_windows
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import contexts, counted, in_quotes, names, plural, setters
from pulumi_pod_security.controls.pod import (
    Pod,
    each_container,
    pod_security,
    security,
    with_annotation,
)
from pulumi_pod_security.controls.profile import as_annotation, field_of, is_another, name_of, other_types
from pulumi_pod_security.controls.reason import Reason, Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import SECCOMP

__all__ = ["CHECKS", "CONTAINER_PREFIX", "CONTROL", "POD_KEY", "Settings"]

POD_KEY = "seccomp.security.alpha.kubernetes.io/pod"
CONTAINER_PREFIX = "container.seccomp.security.alpha.kubernetes.io/"

_FIELD = "seccompProfile"
_ALIKE = frozenset({"docker/default", "runtime/default"})


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


def judge(settings: Settings, pod: Pod) -> Reasons:
    """The pod's profile and each container's, where they may not be named."""
    allowed, annotations = settings.allowed, pod.annotations
    reasons: Reasons = ()
    if allowed is None:
        return reasons
    of_pod, inherited = _of_pod(pod)
    if of_pod not in allowed:
        reasons += (_refusal(settings, POD_KEY, of_pod),)
    for container in each_container(pod):
        key, field = CONTAINER_PREFIX + container.name, security(container).seccomp_profile
        profile = annotations.get(key, inherited) if field is None else as_annotation(field)
        if profile not in allowed:
            reasons += (_refusal(settings, key, profile),)
    return reasons


def _of_pod(pod: Pod) -> tuple[str, str]:
    """The pod's own profile, and the one that its containers inherit: there the field goes before the annotation."""
    named, field = pod.annotations.get(POD_KEY, ""), pod_security(pod).seccomp_profile
    if field is None:
        return named, named
    of_field = as_annotation(field)
    return named or of_field, of_field


def _refusal(settings: Settings, key: str, profile: str) -> Reason:
    return forbidden(f"pod.metadata.annotations[{key}]", _detail(settings, profile))


def _detail(settings: Settings, profile: str) -> str:
    if settings.listed is None:
        return "seccomp may not be set"
    return f"{profile} is not an allowed seccomp profile. Valid values are {settings.listed}"


def cel(settings: Settings) -> Clauses:
    """The same of the fields alone, which are all that servers read from 1.27 on.

    The plugin writes a pod's own profile as an annotation, and so counts as changing every pod that has one.
    """
    missing = Written(
        part="pod",
        when=f"!{inherited(_FIELD)}.hasValue()",
        says=f"securityContext.seccompProfile: must be set, such as to {settings.default}",
        field=("securityContext", _FIELD),
        value=literal(field_of(settings.default) or {}),
    )
    annotated = Written(
        part="pod",
        when=f'{inherited(_FIELD)}.hasValue() && object.metadata.?annotations[?"{POD_KEY}"].orValue("") == ""',
        says="",
    )
    return (*_not_allowed(settings), annotated, *((missing,) if settings.default else ()))


def _not_allowed(settings: Settings) -> Clauses:
    if settings.allowed is None:
        return ()
    of_pod, of_container = name_of(inherited(_FIELD)), name_of(own(_FIELD))
    says = f"securityContext.seccompProfile: {_detail(settings, 'it')}"
    given = literal(settings.default)
    return (
        Refused(part="pod", when=f"!({is_in(f'{of_pod}.orValue({given})', settings.allowed)})", says=says),
        Refused(
            part="container",
            when=f"!({is_in(f'{of_container}.or({of_pod}).orValue({given})', settings.allowed)})",
            says=says,
        ),
    )


CONTROL = of_pods(
    "seccomp", psp_fields=(SECCOMP.allowed, SECCOMP.default), settings=settings, judge=judge, cel=cel, default=default
)


def refuse_annotations(pod: Pod) -> Refusal | None:
    """Each other profile that an annotation names, for the pod or for a container that there is."""
    keys = {POD_KEY, *(CONTAINER_PREFIX + container.name for container in each_container(pod))}
    given = {key: value for key, value in pod.annotations.items() if key in keys}
    found = sorted(f"{key}={printing.quoted(value)}" for key, value in given.items() if not _is_confined(value))
    detail = f"forbidden {plural('annotation', found)} {', '.join(found)}"
    return Refusal(reason="seccompProfile", detail=detail) if found else None


def _is_confined(annotation: str) -> bool:
    return annotation in _ALIKE or annotation.startswith("localhost/")


def refuse_fields(pod: Pod) -> Refusal | None:
    """Each other profile that a field names."""
    found = setters(pod, lambda own: is_another(own.seccomp_profile))
    if not found:
        return None
    values = other_types(own.seccomp_profile for own in contexts(pod))
    detail = f"{' and '.join(found)} must not set securityContext.seccompProfile.type to {in_quotes(values)}"
    return Refusal(reason="seccompProfile", detail=detail)


def refuse_none(pod: Pod) -> Refusal | None:
    """Each other profile, and else whoever has none."""
    refusal = refuse_fields(pod)
    if refusal is not None or pod_security(pod).seccomp_profile is not None:
        return refusal
    found = names(pod, lambda container: security(container).seccomp_profile is None)
    if not found:
        return None
    wanted = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Refusal(reason="seccompProfile", detail=f"pod or {counted('container', found)} {wanted}")


_OVERRIDES = ("seccompProfile_baseline",)
CHECKS = (
    Check(
        id="seccompProfile_baseline",
        level="baseline",
        rules=(Rule(since=0, judge=refuse_annotations), Rule(since=19, judge=refuse_fields)),
    ),
    Check(
        id="seccompProfile_restricted",
        level="restricted",
        rules=(
            Rule(since=19, judge=refuse_none, overrides=_OVERRIDES),
            Rule(since=25, judge=except_on_windows(refuse_none), overrides=_OVERRIDES),
        ),
    ),
)

"""Gaining more privileges than the parent process is refused where the policy says so.

Policy: `defaultAllowPrivilegeEscalation` is given to containers that say nothing; `allowPrivilegeEscalation`, **true**
when left out, gives false to them when it is false, and refuses the rest. Pod: `allowPrivilegeEscalation` of every
container.

Standards: restricted refuses containers that do not say that they may not; from 1.25 on not in pods for Windows.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17;
policy/check_allowPrivilegeEscalation.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, literal, own
from pulumi_pod_security.controls.check import Check, Refusal, Rule, except_on_windows
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.naming import counted, names
from pulumi_pod_security.controls.pod import Pod, PodSecurityContext, SecurityContext, security
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a container gets that says nothing, and whether escalation is allowed."""

    default: bool
    allowed: bool


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when escalation is allowed and nothing is given."""
    allowed, default = policy.spec.allow_privilege_escalation, policy.spec.default_allow_privilege_escalation
    if allowed is False:
        return Settings(default=bool(default), allowed=False)
    return None if default is None else Settings(default=default, allowed=True)


def default(settings: Settings, own: SecurityContext, _inherited: PodSecurityContext) -> SecurityContext:
    """Set the field where the container says nothing."""
    if own.allow_privilege_escalation is not None:
        return own
    return replace(own, allow_privilege_escalation=settings.default)


def judge(settings: Settings, own: SecurityContext, _inherited: PodSecurityContext, place: str) -> Reasons:
    """Whether the container may escalate, or does not say that it may not."""
    escalates = own.allow_privilege_escalation
    if settings.allowed or escalates is False:
        return ()
    value = printing.UNSET if escalates is None else "true"
    detail = "Allowing privilege escalation for containers is not allowed"
    return (invalid(f"{place}.securityContext.allowPrivilegeEscalation", value, detail),)


def cel(settings: Settings) -> Clauses:
    """Whether the container may escalate; and where it says nothing of it."""
    found, field = own("allowPrivilegeEscalation"), "securityContext.allowPrivilegeEscalation"
    given = literal(settings.default)
    missing = Written(
        part="container",
        when=f"!{found}.hasValue()",
        says=f"{field}: must be set, such as to {given}",
        field=("securityContext", "allowPrivilegeEscalation"),
        value=given,
    )
    if settings.allowed:
        return (missing,)
    says = f"{field}: Allowing privilege escalation for containers is not allowed"
    return Refused(part="container", when=f"{found}.orValue({given})", says=says), missing


CONTROL = of_containers(
    "privilege_escalation",
    psp_fields=("defaultAllowPrivilegeEscalation", "allowPrivilegeEscalation"),
    settings=settings,
    judge=judge,
    cel=cel,
    default=default,
)


def refuse(pod: Pod) -> Refusal | None:
    """Each container that may escalate, or says nothing of it."""
    found = names(pod, lambda container: security(container).allow_privilege_escalation is not False)
    if not found:
        return None
    detail = f"{counted('container', found)} must set securityContext.allowPrivilegeEscalation=false"
    return Refusal(reason="allowPrivilegeEscalation != false", detail=detail)


CHECKS = (
    Check(
        id="allowPrivilegeEscalation",
        level="restricted",
        rules=(Rule(since=8, judge=refuse), Rule(since=25, judge=except_on_windows(refuse))),
    ),
)

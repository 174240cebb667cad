"""Gaining more privileges than the parent process is refused where the policy says so.

Policy: `defaultAllowPrivilegeEscalation` is given to containers that say nothing; `allowPrivilegeEscalation`, **true**
when left out, gives false to them when it is false, and refuses the rest. Pod: `allowPrivilegeEscalation` of every
container.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.pod import PodSecurityContext, SecurityContext
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


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


CONTROL = of_containers(
    "privilege_escalation",
    psp_fields=("defaultAllowPrivilegeEscalation", "allowPrivilegeEscalation"),
    settings=settings,
    judge=judge,
    default=default,
)

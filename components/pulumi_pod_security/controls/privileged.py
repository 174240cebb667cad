"""Privileged containers are refused unless the policy allows them.

Policy: `privileged`, false when left out. Pod: `securityContext.privileged` of every container.

Standards: baseline refuses privileged containers.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17;
policy/check_privileged.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls.cel import Clauses, Refused, own
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.naming import counted, names
from pulumi_pod_security.controls.pod import Pod, PodSecurityContext, SecurityContext, security
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Nothing to choose."""


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when the policy allows privileged containers."""
    return None if policy.spec.privileged else Settings()


def judge(_settings: Settings, own: SecurityContext, _inherited: PodSecurityContext, place: str) -> Reasons:
    """Whether the container is privileged."""
    if not own.privileged:
        return ()
    return (invalid(f"{place}.securityContext.privileged", "true", "Privileged containers are not allowed"),)


def cel(_settings: Settings) -> Clauses:
    """Whether the container is privileged."""
    says = "securityContext.privileged: Privileged containers are not allowed"
    return (Refused(part="container", when=f"{own('privileged')}.orValue(false)", says=says),)


CONTROL = of_containers("privileged", psp_fields=("privileged",), settings=settings, judge=judge, cel=cel)


def refuse(pod: Pod) -> Refusal | None:
    """Each container that is privileged."""
    found = names(pod, lambda container: security(container).privileged)
    if not found:
        return None
    detail = f"{counted('container', found)} must not set securityContext.privileged=true"
    return Refusal(reason="privileged", detail=detail)


CHECKS = (Check(id="privileged", level="baseline", rules=(Rule(since=0, judge=refuse),)),)

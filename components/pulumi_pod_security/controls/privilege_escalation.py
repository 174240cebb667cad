"""Gaining more privileges than the parent process is refused where the policy says so.

Policy: `defaultAllowPrivilegeEscalation` is given to containers that say nothing; `allowPrivilegeEscalation`, **true**
when left out, gives false to them when it is false, and refuses the rest. Pod: `allowPrivilegeEscalation` of every
container.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Container, Pod, containers, security, with_containers, with_security
from pulumi_pod_security.controls.reason import Reason, invalid
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


def default(settings: Settings, pod: Pod) -> Pod:
    """Set the field in every container that says nothing."""
    return with_containers(pod, lambda container: _filled(settings, container))


def _filled(settings: Settings, container: Container) -> Container:
    if security(container).allow_privilege_escalation is not None:
        return container
    return with_security(container, allow_privilege_escalation=settings.default)


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each container that may escalate, or does not say that it may not."""
    if settings.allowed:
        return
    for path, container in containers(pod):
        escalates = security(container).allow_privilege_escalation
        if escalates is not False:
            value = printing.UNSET if escalates is None else "true"
            detail = "Allowing privilege escalation for containers is not allowed"
            yield invalid(f"{path}.securityContext.allowPrivilegeEscalation", value, detail)


CONTROL = Control(
    id="privilege_escalation",
    psp_fields=("defaultAllowPrivilegeEscalation", "allowPrivilegeEscalation"),
    settings=settings,
    judge=judge,
    default=default,
)

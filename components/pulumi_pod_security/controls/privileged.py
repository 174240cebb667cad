"""Privileged containers are refused unless the policy allows them.

Policy: `privileged`, false when left out. Pod: `securityContext.privileged` of every container.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Pod, containers
from pulumi_pod_security.controls.reason import Reason, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Nothing to choose."""


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when the policy allows privileged containers."""
    return None if policy.spec.privileged else Settings()


def judge(_settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each container that is privileged."""
    for path, container in containers(pod):
        context = container.security_context
        if context and context.privileged:
            yield invalid(f"{path}.securityContext.privileged", "true", "Privileged containers are not allowed")


CONTROL = Control(id="privileged", psp_fields=("privileged",), settings=settings, judge=judge)

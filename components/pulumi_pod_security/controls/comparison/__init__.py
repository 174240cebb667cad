"""Policies beside the levels of the standards, concern by concern: what each admits and the other refuses.

A concern is a control, or some that read the same fields. It has a module here, so that those of the controls keep to
what one side says; nothing of the rules themselves stands in these.
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_pod_security.controls.check import Rule
from pulumi_pod_security.controls.comparison import (
    app_armor,
    capabilities,
    groups,
    host_namespaces,
    host_ports,
    run_as_user,
    runtime_class,
    se_linux,
    seccomp,
    switches,
    sysctls,
    unread,
    volumes,
)
from pulumi_pod_security.controls.comparison.concern import PLAIN, Concern, Containment, Difference, Use
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERNS", "PLAIN", "Concern", "Containment", "Difference", "Use", "compare"]

CONCERNS: tuple[Concern, ...] = (
    *switches.CONCERNS,
    host_namespaces.CONCERN,
    host_ports.CONCERN,
    volumes.CONCERN,
    capabilities.CONCERN,
    run_as_user.CONCERN,
    *groups.CONCERNS,
    se_linux.CONCERN,
    seccomp.CONCERN,
    app_armor.CONCERN,
    sysctls.CONCERN,
    runtime_class.CONCERN,
    *unread.CONCERNS,
)
"""All of them; every control and every check of the standards is in one of them."""


def compare(policy: PodSecurityPolicy, rules: Mapping[str, Rule]) -> tuple[Containment, ...]:
    """What a level would change for a policy's pods, concern by concern.

    Args:
        policy: one that the plugin can use.
        rules: those of the level by the ids of their checks; none for the privileged level.
    """
    return tuple(concern.compare(policy, rules) for concern in CONCERNS)

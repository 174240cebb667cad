"""The Pod Security Standards: which checks are in a level, version by version.

A restricted namespace is judged by the baseline checks too, but for those that a restricted one takes the place of.
The order is that of a refusal: baseline checks before restricted ones, each by their ids.

Upstream: policy/registry.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_pod_security.controls import (
    app_armor,
    capabilities,
    host_namespaces,
    host_paths,
    host_ports,
    host_probes,
    privilege_escalation,
    privileged,
    proc_mount,
    run_as_user,
    se_linux,
    seccomp,
    sysctls,
    volumes,
    windows_host_process,
)
from pulumi_pod_security.controls.check import Check, Level, Rule

__all__ = ["CHECKS", "NEWEST", "STANDARDS", "Members", "members"]

NEWEST = 36
"""The newest minor version that is known; later ones are taken for it, as the API server of that version does."""

CHECKS: tuple[Check, ...] = (
    *host_namespaces.CHECKS,
    *privileged.CHECKS,
    *capabilities.CHECKS,
    *host_paths.CHECKS,
    *host_ports.CHECKS,
    *host_probes.CHECKS,
    *app_armor.CHECKS,
    *se_linux.CHECKS,
    *proc_mount.CHECKS,
    *seccomp.CHECKS,
    *sysctls.CHECKS,
    *windows_host_process.CHECKS,
    *volumes.CHECKS,
    *privilege_escalation.CHECKS,
    *run_as_user.CHECKS,
)

Members = Mapping[str, Rule]
"""The rules of a level in one version by the ids of their checks, in the order in which they are told."""


def members(level: Level, minor: int) -> Members:
    """The rules of the level in that version."""
    found = {
        check.id: rule
        for check in sorted(CHECKS, key=lambda check: (check.level, check.id))
        if (level == "restricted" or check.level == "baseline") and (rule := _in_force(check, minor)) is not None
    }
    overridden = {name for rule in found.values() for name in rule.overrides}
    return {name: rule for name, rule in found.items() if name not in overridden}


def _in_force(check: Check, minor: int) -> Rule | None:
    return next((rule for rule in reversed(check.rules) if rule.since <= minor), None)


_LEVELS: tuple[Level, ...] = ("baseline", "restricted")
STANDARDS: Mapping[Level, tuple[Members, ...]] = {
    level: tuple(members(level, minor) for minor in range(NEWEST + 1)) for level in _LEVELS
}
"""By level and minor version, up to the newest known."""

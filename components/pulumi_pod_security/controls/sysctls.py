"""Sysctls that are forbidden, or unsafe and not allowed, are refused.

Policy: `forbiddenSysctls` first, then `allowedUnsafeSysctls` beyond the safe ones; a pattern ends in `*`.
Pod: `securityContext.sysctls[]`.

Upstream: pkg/security/podsecuritypolicy/sysctl/mustmatchpatterns.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import of_security
from pulumi_pod_security.controls.pod import PodSecurityContext, Sysctl
from pulumi_pod_security.controls.reason import Reason, Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "SAFE", "Settings"]

# The last one is safe since 1.22.
SAFE = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range",
        "net.ipv4.ip_unprivileged_port_start",
    }
)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Patterns of forbidden sysctls, and of allowed ones."""

    forbidden: tuple[str, ...]
    allowed: tuple[str, ...]


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when every sysctl may be set."""
    forbidden, allowed = tuple(policy.spec.forbidden_sysctls or ()), tuple(policy.spec.allowed_unsafe_sysctls or ())
    # Nothing can be forbidden beside '*'; the API server refuses such a policy.
    return None if "*" in allowed else Settings(forbidden=forbidden, allowed=allowed)


def judge(settings: Settings, own: PodSecurityContext) -> Reasons:
    """Each sysctl that may not be set."""
    return tuple(_sysctl_reasons(settings, own.sysctls or ()))


def _sysctl_reasons(settings: Settings, sysctls: Sequence[Sysctl]) -> Iterator[Reason]:
    for index, sysctl in enumerate(sysctls):
        path, name = f"pod.spec.securityContext.sysctls[{index}]", printing.quoted(sysctl.name)
        if _matches(sysctl.name, settings.forbidden):
            yield forbidden(path, f"sysctl {name} is not allowed")
        elif sysctl.name not in SAFE and not _matches(sysctl.name, settings.allowed):
            yield forbidden(path, f"unsafe sysctl {name} is not allowed")


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(name.startswith(each[:-1]) if each.endswith("*") else name == each for each in patterns)


CONTROL = of_security(
    "sysctls", psp_fields=("allowedUnsafeSysctls", "forbiddenSysctls"), settings=settings, judge=judge
)

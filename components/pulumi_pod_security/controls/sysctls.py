"""Sysctls that are forbidden, or unsafe and not allowed, are refused.

Policy: `forbiddenSysctls` first, then `allowedUnsafeSysctls` beyond the safe ones; a pattern ends in `*`.
Pod: `securityContext.sysctls[]`.

Standards: baseline refuses all but the safe ones, of which 1.27, 1.29 and 1.32 know more.

Upstream: pkg/security/podsecuritypolicy/sysctl/mustmatchpatterns.go, kubernetes v1.24.17;
policy/check_sysctls.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, either, inherited, is_in, literal
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_security
from pulumi_pod_security.controls.pod import Pod, PodSecurityContext, Sysctl, pod_security
from pulumi_pod_security.controls.reason import Reason, Reasons, forbidden
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "SAFE", "SAFE_ONES", "Settings"]

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


def cel(settings: Settings) -> Clauses:
    """Each sysctl that may not be set."""
    allowed = either([is_in("s.name", SAFE), *map(_pattern, settings.allowed)])
    refused = either([*map(_pattern, settings.forbidden), f"!({allowed})"])
    when = f"{inherited('sysctls')}.orValue([]).exists(s, {refused})"
    says = f"securityContext.sysctls: forbidden are {_listed(settings.forbidden)}, and allowed beyond the safe ones "
    return (Refused(part="pod", when=when, says=says + _listed(settings.allowed)),)


def _pattern(pattern: str) -> str:
    if pattern.endswith("*"):
        return f"s.name.startsWith({literal(pattern[:-1])})"
    return f"s.name == {literal(pattern)}"


def _listed(patterns: Sequence[str]) -> str:
    return ", ".join(patterns) or "none"


CONTROL = of_security(
    "sysctls", psp_fields=("allowedUnsafeSysctls", "forbiddenSysctls"), settings=settings, judge=judge, cel=cel
)


def refuse(safe: frozenset[str], pod: Pod) -> Refusal | None:
    """Each sysctl that is not one of these."""
    found = [sysctl.name for sysctl in pod_security(pod).sysctls or () if sysctl.name not in safe]
    return Refusal(reason="forbidden sysctls", detail=", ".join(found)) if found else None


_SAFE_1_27 = SAFE | {"net.ipv4.ip_local_reserved_ports"}
_SAFE_1_29 = _SAFE_1_27 | {
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
}
_SAFE_1_32 = _SAFE_1_29 | {"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}

CHECKS = (
    Check(
        id="sysctls",
        level="baseline",
        rules=(
            Rule(since=0, judge=partial(refuse, SAFE)),
            Rule(since=27, judge=partial(refuse, _SAFE_1_27)),
            Rule(since=29, judge=partial(refuse, _SAFE_1_29)),
            Rule(since=32, judge=partial(refuse, _SAFE_1_32)),
        ),
    ),
)

SAFE_ONES = _SAFE_1_32
"""All that some version takes for safe."""

"""How /proc is mounted: masked, unless the policy lists another way.

Policy: `allowedProcMountTypes`, `Default` alone when left out. The API server drops the field while its gate
ProcMountType is off, as it is in 1.24; `policy.stored.as_stored` does the same. Pod: `procMount` of every container.

Standards: baseline refuses every other way, from 1.35 on but for pods with users of their own; restricted refuses it
to them as well.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17;
policy/check_procMount_baseline.go and policy/check_procMount_restricted.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, is_in, literal, own
from pulumi_pod_security.controls.check import Check, Refusal, Rule, except_in_user_namespaces
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.naming import counted, in_quotes, names
from pulumi_pod_security.controls.pod import Pod, PodSecurityContext, SecurityContext, each_container, security
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]

_MASKED = (None, "Default")
_FOUND = f"{own('procMount')}.orValue({literal('Default')})"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The ways that may be used."""

    types: frozenset[str]


def settings(policy: PodSecurityPolicy) -> Settings:
    """The ways the policy lists."""
    return Settings(types=frozenset(policy.spec.allowed_proc_mount_types or ("Default",)))


def judge(settings: Settings, own: SecurityContext, _inherited: PodSecurityContext, place: str) -> Reasons:
    """Whether the container mounts /proc another way."""
    proc_mount = "Default" if own.proc_mount is None else own.proc_mount
    if proc_mount in settings.types:
        return ()
    path = f"{place}.securityContext.procMount"
    return (invalid(path, printing.quoted(proc_mount), "ProcMountType is not allowed"),)


def cel(settings: Settings) -> Clauses:
    """Whether the container mounts /proc another way."""
    when = f"!({is_in(_FOUND, settings.types)})"
    return (Refused(part="container", when=when, says="securityContext.procMount: ProcMountType is not allowed"),)


CONTROL = of_containers("proc_mount", psp_fields=("allowedProcMountTypes",), settings=settings, judge=judge, cel=cel)


def refuse(pod: Pod) -> Refusal | None:
    """Each container that mounts /proc another way."""
    found = names(pod, lambda container: security(container).proc_mount not in _MASKED)
    if not found:
        return None
    ways = {way for container in each_container(pod) if (way := security(container).proc_mount) not in _MASKED}
    detail = (
        f"{counted('container', found)} must not set securityContext.procMount to {in_quotes(sorted(map(str, ways)))}"
    )
    return Refusal(reason="procMount", detail=detail)


CHECKS = (
    Check(
        id="procMount",
        level="baseline",
        rules=(Rule(since=0, judge=refuse), Rule(since=35, judge=except_in_user_namespaces(refuse))),
    ),
    Check(
        id="procMount_restricted",
        level="restricted",
        rules=(Rule(since=35, judge=refuse, overrides=("procMount",)),),
    ),
)

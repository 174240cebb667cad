"""How /proc is mounted: masked, unless the policy lists another way.

Policy: `allowedProcMountTypes`, `Default` alone when left out. The API server drops the field while its gate
ProcMountType is off, as it is in 1.24; `policy.stored.as_stored` does the same. Pod: `procMount` of every container.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.pod import PodSecurityContext, SecurityContext
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


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


CONTROL = of_containers("proc_mount", psp_fields=("allowedProcMountTypes",), settings=settings, judge=judge)

"""How /proc is mounted: masked, unless the policy lists another way.

Policy: `allowedProcMountTypes`, `Default` alone when left out. The API server drops the field while its gate
ProcMountType is off, as it is in 1.24; `policy.stored.as_stored` does the same. Pod: `procMount` of every container.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Pod, containers
from pulumi_pod_security.controls.reason import Reason, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The ways that may be used."""

    types: frozenset[str]


def settings(policy: PodSecurityPolicy) -> Settings:
    """The ways the policy lists."""
    return Settings(types=frozenset(policy.spec.allowed_proc_mount_types or ("Default",)))


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each container that mounts /proc another way."""
    for path, container in containers(pod):
        context = container.security_context
        found = context.proc_mount if context else None
        if (proc_mount := "Default" if found is None else found) not in settings.types:
            place = f"{path}.securityContext.procMount"
            yield invalid(place, printing.quoted(proc_mount), "ProcMountType is not allowed")


CONTROL = Control(id="proc_mount", psp_fields=("allowedProcMountTypes",), settings=settings, judge=judge)

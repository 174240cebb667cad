"""Root filesystems must be read-only where the policy says so.

Policy: `readOnlyRootFilesystem`, false when left out. Pod: the same field of every container; set where it is not.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.cel import Clauses, Refused, Written, literal, own
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.pod import PodSecurityContext, SecurityContext
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Nothing to choose."""


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked unless the policy says so."""
    return Settings() if policy.spec.read_only_root_filesystem else None


def default(_settings: Settings, own: SecurityContext, _inherited: PodSecurityContext) -> SecurityContext:
    """Make the container's root read-only where nothing is said of it."""
    return replace(own, read_only_root_filesystem=True) if own.read_only_root_filesystem is None else own


def judge(_settings: Settings, own: SecurityContext, _inherited: PodSecurityContext, place: str) -> Reasons:
    """Whether the container's root may be written."""
    read_only, path = own.read_only_root_filesystem, f"{place}.securityContext.readOnlyRootFilesystem"
    if read_only:
        return ()
    if read_only is None:
        return (invalid(path, printing.UNSET, "ReadOnlyRootFilesystem may not be nil and must be set to true"),)
    return (invalid(path, "false", "ReadOnlyRootFilesystem must be set to true"),)


def cel(_settings: Settings) -> Clauses:
    """Whether the container's root may be written; and where nothing is said of it."""
    found, says = own("readOnlyRootFilesystem"), "securityContext.readOnlyRootFilesystem: must be set to true"
    return (
        Refused(part="container", when=f"!{found}.orValue(true)", says=says),
        Written(
            part="container",
            when=f"!{found}.hasValue()",
            says=says,
            field=("securityContext", "readOnlyRootFilesystem"),
            value=literal(True),
        ),
    )


CONTROL = of_containers(
    "read_only_root_filesystem",
    psp_fields=("readOnlyRootFilesystem",),
    settings=settings,
    judge=judge,
    cel=cel,
    default=default,
)

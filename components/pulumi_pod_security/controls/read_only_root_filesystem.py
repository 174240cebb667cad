"""Root filesystems must be read-only where the policy says so.

Policy: `readOnlyRootFilesystem`, false when left out. Pod: the same field of every container; set where it is not.
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
    """Nothing to choose."""


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked unless the policy says so."""
    return Settings() if policy.spec.read_only_root_filesystem else None


def default(_settings: Settings, pod: Pod) -> Pod:
    """Make the root of every container read-only that says nothing of it."""
    return with_containers(pod, _filled)


def _filled(container: Container) -> Container:
    if security(container).read_only_root_filesystem is not None:
        return container
    return with_security(container, read_only_root_filesystem=True)


def judge(_settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each container whose root may be written."""
    for place, container in containers(pod):
        read_only, path = security(container).read_only_root_filesystem, f"{place}.securityContext"
        if read_only is None:
            detail = "ReadOnlyRootFilesystem may not be nil and must be set to true"
            yield invalid(f"{path}.readOnlyRootFilesystem", printing.UNSET, detail)
        elif not read_only:
            yield invalid(f"{path}.readOnlyRootFilesystem", "false", "ReadOnlyRootFilesystem must be set to true")


CONTROL = Control(
    id="read_only_root_filesystem",
    psp_fields=("readOnlyRootFilesystem",),
    settings=settings,
    judge=judge,
    default=default,
)

"""Which of the node's namespaces a pod uses: each is refused or not by itself."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import host_namespaces
from pulumi_pod_security.controls.comparison.changing import pod_spec
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_NAMES = {"host_network": "hostNetwork", "host_pid": "hostPID", "host_ipc": "hostIPC"}


def uses(_policy: PodSecurityPolicy) -> Iterator[Use]:
    """Each of the three."""
    for field, name in _NAMES.items():
        yield Use(what="namespaces of the node", example=name, change=pod_spec(**{field: True}))


CONCERN = Concern(id="host_namespaces", controls=(host_namespaces.CONTROL,), checks=host_namespaces.CHECKS, uses=uses)

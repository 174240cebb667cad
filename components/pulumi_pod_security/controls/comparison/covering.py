"""Which of two policies asks no more than the other: only what can be shown from what their controls ask.

A control asks no more when it asks nothing, or the same, or when it writes the same and admits more by its settings. A
policy asks no more when each of its controls does: then it admits every pod that the other admits, and admits as it is
every pod that the other does. The opposite does not hold: what is not shown here may still be so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pulumi_pod_security.controls import (
    CONTROLS,
    host_namespaces,
    host_ports,
    proc_mount,
    seccomp,
    volumes,
)
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["asks_no_more"]


def asks_no_more(one: PodSecurityPolicy, other: PodSecurityPolicy) -> bool:
    """Whether `one` can be shown to admit whatever `other` admits, and to leave unchanged what `other` does."""
    return all(_asks_no_more(control, control.settings(one), control.settings(other)) for control in CONTROLS)


def _asks_no_more(control: Control[Any], one: Any, other: Any) -> bool:
    if one is None or one == other:
        return True
    covers = _COVERING.get(control.id)
    return other is not None and covers is not None and covers(one, other)


def _kinds(one: volumes.Settings, other: volumes.Settings) -> bool:
    return other.kinds <= one.kinds


def _types(one: proc_mount.Settings, other: proc_mount.Settings) -> bool:
    return other.types <= one.types


def _namespaces(one: host_namespaces.Settings, other: host_namespaces.Settings) -> bool:
    return one.network >= other.network and one.pid >= other.pid and one.ipc >= other.ipc


def _ports(one: host_ports.Settings, other: host_ports.Settings) -> bool:
    return all(any(own.min <= each.min and each.max <= own.max for own in one.ranges) for each in other.ranges)


def _profiles(one: seccomp.Settings, other: seccomp.Settings) -> bool:
    # Both write a profile that the pod names as a field; one without a default writes nothing else.
    is_wider = one.allowed is None or (other.allowed is not None and other.allowed <= one.allowed)
    return (is_wider and one.default == other.default) or (one.allowed is None and not one.default)


_COVERING: Mapping[str, Callable[[Any, Any], bool]] = {
    "volumes": _kinds,
    "proc_mount": _types,
    "host_namespaces": _namespaces,
    "host_ports": _ports,
    "seccomp": _profiles,
}
"""By control: whether settings admit whatever others do, and write nothing that those would not."""

"""Pods changed in one place, which is what ways of using something are made of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec.structs import replace

from pulumi_pod_security.controls.pod import (
    Container,
    Pod,
    PodSpec,
    with_containers,
    with_pod_security,
    with_security,
)

__all__ = ["Change", "container_security", "each_with", "pod_spec", "security_of_pod"]

Change = Callable[[Pod], Pod]


def container_security(**fields: Any) -> Change:
    """Sets fields in the security context of every container."""
    return lambda pod: with_containers(pod, partial(_with_security, fields))


def each_with(**fields: Any) -> Change:
    """Sets fields of every container."""
    return lambda pod: with_containers(pod, lambda container: replace(container, **fields))


def security_of_pod(**fields: Any) -> Change:
    """Sets fields in the security context of the pod."""
    return lambda pod: with_pod_security(pod, **fields)


def pod_spec(**fields: Any) -> Change:
    """Sets fields of the pod's spec."""
    return lambda pod: replace(pod, spec=replace(pod.spec or PodSpec(), **fields))


def _with_security(fields: dict[str, Any], container: Container) -> Container:
    return with_security(container, **fields)

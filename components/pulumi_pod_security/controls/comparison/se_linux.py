"""SELinux labels: the policy's own, those of the types that standards know, and a user, role, type and level of others.

A policy takes one label or all. All but its own it refuses, so that any other level is enough to tell it from a level
of the standards, which never looks at that; and of its own label alone it is asked whether the standards take it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import se_linux
from pulumi_pod_security.controls.comparison.changing import security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use, fresh
from pulumi_pod_security.controls.pod import SELinuxOptions
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_TYPES = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """Labels of the pod, which its containers inherit."""
    own = policy.spec.se_linux.se_linux_options
    if own is not None:
        label = SELinuxOptions(user=own.user, role=own.role, type=own.type, level=own.level)
        yield _use("the policy's own SELinux label", "", label)
    for name in _TYPES:
        yield _use("SELinux types", name, SELinuxOptions(type=name))
    yield _use("SELinux types of no container", "spc_t", SELinuxOptions(type="spc_t"))
    yield _use("SELinux users", "system_u", SELinuxOptions(user="system_u"))
    yield _use("SELinux roles", "system_r", SELinuxOptions(role="system_r"))
    level = fresh("s0:c900,c901", ((own.level if own else None) or "",))
    yield _use("SELinux levels", level, SELinuxOptions(level=level))


def _use(what: str, example: str, label: SELinuxOptions) -> Use:
    return Use(what=what, example=example, change=security_of_pod(se_linux_options=label))


CONCERN = Concern(id="se_linux", controls=(se_linux.CONTROL,), checks=se_linux.CHECKS, uses=uses)

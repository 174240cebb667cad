"""The primary group ids containers run as: in ranges, or any.

Policy: `runAsGroup`, any when left out. `MustRunAs` gives the first range's minimum to a container that has none and
refuses groups outside the ranges; `MayRunAs` only refuses. Pod: `runAsGroup` of every container, else of the pod; the
plugin's path ends at the container's security context.

Upstream: pkg/security/podsecuritypolicy/group/mustrunas.go and mayrunas.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from msgspec.structs import replace

from pulumi_pod_security.controls.cel import Clauses, own_or_inherited
from pulumi_pod_security.controls.control import of_containers
from pulumi_pod_security.controls.pod import PodSecurityContext, SecurityContext
from pulumi_pod_security.controls.ranges import Groups, group_clauses, group_reasons, groups_of
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Groups | None:
    """Nothing is asked under `RunAsAny`."""
    return groups_of(policy.spec.run_as_group)


def default(asked: Groups, own: SecurityContext, inherited: PodSecurityContext) -> SecurityContext:
    """Set the group where neither the container nor the pod has one."""
    if not asked.needed or own.run_as_group is not None or inherited.run_as_group is not None:
        return own
    return replace(own, run_as_group=asked.ranges[0].min)


def judge(asked: Groups, own: SecurityContext, inherited: PodSecurityContext, place: str) -> Reasons:
    """A group that the container may not have."""
    group = inherited.run_as_group if own.run_as_group is None else own.run_as_group
    return group_reasons(f"{place}.securityContext", None if group is None else (group,), asked)


def cel(asked: Groups) -> Clauses:
    """A group that the container may not have; and one that is missing."""
    return group_clauses("container", "runAsGroup", own_or_inherited("runAsGroup"), asked)


CONTROL = of_containers(
    "run_as_group", psp_fields=("runAsGroup",), settings=settings, judge=judge, cel=cel, default=default
)

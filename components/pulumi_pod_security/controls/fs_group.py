"""The group that owns a pod's volumes: in ranges, or any.

Policy: `fsGroup`. `MustRunAs` gives the first range's minimum to a pod that has none and refuses groups outside the
ranges; `MayRunAs` only refuses. Pod: `securityContext.fsGroup`.

Upstream: pkg/security/podsecuritypolicy/group/mustrunas.go and mayrunas.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from msgspec.structs import replace

from pulumi_pod_security.controls.cel import Clauses, inherited
from pulumi_pod_security.controls.control import of_security
from pulumi_pod_security.controls.pod import PodSecurityContext
from pulumi_pod_security.controls.ranges import Groups, group_clauses, group_reasons, groups_of
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Groups | None:
    """Nothing is asked under `RunAsAny`."""
    return groups_of(policy.spec.fs_group)


def default(asked: Groups, own: PodSecurityContext) -> PodSecurityContext:
    """Set the group of a pod that has none."""
    if not asked.needed or own.fs_group is not None:
        return own
    return replace(own, fs_group=asked.ranges[0].min)


def judge(asked: Groups, own: PodSecurityContext) -> Reasons:
    """The group, if it may not own them."""
    groups = None if own.fs_group is None else (own.fs_group,)
    return group_reasons("spec.securityContext.fsGroup", groups, asked)


def cel(asked: Groups) -> Clauses:
    """The group, if it may not own them; and one that is missing."""
    return group_clauses("pod", "fsGroup", inherited("fsGroup"), asked)


CONTROL = of_security("fs_group", psp_fields=("fsGroup",), settings=settings, judge=judge, cel=cel, default=default)

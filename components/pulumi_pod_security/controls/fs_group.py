"""The group that owns a pod's volumes: in ranges, or any.

Policy: `fsGroup`. `MustRunAs` gives the first range's minimum to a pod that has none and refuses groups outside the
ranges; `MayRunAs` only refuses. Pod: `securityContext.fsGroup`.
"""

from __future__ import annotations

from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.pod import Pod, pod_security, with_pod_security
from pulumi_pod_security.controls.ranges import Groups, group_reasons, groups_of
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Groups | None:
    """Nothing is asked under `RunAsAny`."""
    return groups_of(policy.spec.fs_group)


def default(asked: Groups, pod: Pod) -> Pod:
    """Set the group of a pod that has none."""
    if not asked.needed or pod_security(pod).fs_group is not None:
        return pod
    return with_pod_security(pod, fs_group=asked.ranges[0].min)


def judge(asked: Groups, pod: Pod) -> Reasons:
    """The group, if it may not own them."""
    group = pod_security(pod).fs_group
    groups = None if group is None else (group,)
    return group_reasons("spec.securityContext.fsGroup", groups, asked)


CONTROL = of_pods("fs_group", psp_fields=("fsGroup",), settings=settings, judge=judge, default=default)

"""The primary group ids containers run as: in ranges, or any.

Policy: `runAsGroup`, any when left out. `MustRunAs` gives the first range's minimum to a container that has none and
refuses groups outside the ranges; `MayRunAs` only refuses. Pod: `runAsGroup` of every container, else of the pod; the
plugin's path ends at the container's security context.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import (
    Pod,
    containers,
    pod_security,
    security,
    with_containers,
    with_security,
)
from pulumi_pod_security.controls.ranges import Groups, group_reasons, groups_of
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONTROL"]


def settings(policy: PodSecurityPolicy) -> Groups | None:
    """Nothing is asked under `RunAsAny`."""
    return groups_of(policy.spec.run_as_group)


def default(asked: Groups, pod: Pod) -> Pod:
    """Set the group in every container that has none."""
    if not asked.needed or pod_security(pod).run_as_group is not None:
        return pod
    group = asked.ranges[0].min
    return with_containers(
        pod,
        lambda container: (
            with_security(container, run_as_group=group) if security(container).run_as_group is None else container
        ),
    )


def judge(asked: Groups, pod: Pod) -> Iterator[Reason]:
    """Each container with a group it may not have."""
    inherited = pod_security(pod).run_as_group
    for path, container in containers(pod):
        own = security(container).run_as_group
        group = inherited if own is None else own
        groups = None if group is None else (group,)
        yield from group_reasons(f"{path}.securityContext", groups, asked)


CONTROL = Control(id="run_as_group", psp_fields=("runAsGroup",), settings=settings, judge=judge, default=default)

"""The groups a pod's processes are in besides their own: in ranges, or any.

Policy: `supplementalGroups`. `MustRunAs` gives the first range's minimum to a pod that has none and refuses groups
outside the ranges; `MayRunAs` only refuses. Pod: `securityContext.supplementalGroups`; an empty list is not the same as
none: nothing is given to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import Pod, pod_security, with_pod_security
from pulumi_pod_security.controls.ranges import group_reasons
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.policy.model import IDRange, PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The ranges, and whether a group must be set."""

    ranges: tuple[IDRange, ...]
    needed: bool


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked under `RunAsAny`."""
    strategy = policy.spec.supplemental_groups
    if strategy.rule == "RunAsAny":
        return None
    return Settings(ranges=tuple(strategy.ranges or ()), needed=strategy.rule == "MustRunAs")


def default(settings: Settings, pod: Pod) -> Pod:
    """Set the group of a pod that has none."""
    if not settings.needed or pod_security(pod).supplemental_groups is not None:
        return pod
    return with_pod_security(pod, supplemental_groups=(settings.ranges[0].min,))


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each group that the pod may not have."""
    groups = pod_security(pod).supplemental_groups
    yield from group_reasons("spec.securityContext.supplementalGroups", groups, settings.ranges, needed=settings.needed)


CONTROL = Control(
    id="supplemental_groups", psp_fields=("supplementalGroups",), settings=settings, judge=judge, default=default
)

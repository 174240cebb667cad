"""The group that owns a pod's volumes: in ranges, or any.

Policy: `fsGroup`. `MustRunAs` gives the first range's minimum to a pod that has none and refuses groups outside the
ranges; `MayRunAs` only refuses. Pod: `securityContext.fsGroup`.
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
    strategy = policy.spec.fs_group
    if strategy.rule == "RunAsAny":
        return None
    return Settings(ranges=tuple(strategy.ranges or ()), needed=strategy.rule == "MustRunAs")


def default(settings: Settings, pod: Pod) -> Pod:
    """Set the group of a pod that has none."""
    if not settings.needed or pod_security(pod).fs_group is not None:
        return pod
    return with_pod_security(pod, fs_group=settings.ranges[0].min)


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """The group, if it may not own them."""
    group = pod_security(pod).fs_group
    groups = None if group is None else (group,)
    yield from group_reasons("spec.securityContext.fsGroup", groups, settings.ranges, needed=settings.needed)


CONTROL = Control(id="fs_group", psp_fields=("fsGroup",), settings=settings, judge=judge, default=default)

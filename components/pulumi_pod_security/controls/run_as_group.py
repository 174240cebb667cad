"""The primary group ids containers run as: in ranges, or any.

Policy: `runAsGroup`, any when left out. `MustRunAs` gives the first range's minimum to a container that has none and
refuses groups outside the ranges; `MayRunAs` only refuses. Pod: `runAsGroup` of every container, else of the pod; the
plugin's path ends at the container's security context.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import (
    Pod,
    containers,
    pod_security,
    security,
    with_containers,
    with_security,
)
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
    strategy = policy.spec.run_as_group
    if strategy is None or strategy.rule == "RunAsAny":
        return None
    return Settings(ranges=tuple(strategy.ranges or ()), needed=strategy.rule == "MustRunAs")


def default(settings: Settings, pod: Pod) -> Pod:
    """Set the group in every container that has none."""
    if not settings.needed or pod_security(pod).run_as_group is not None:
        return pod
    group = settings.ranges[0].min
    return with_containers(
        pod,
        lambda container: (
            with_security(container, run_as_group=group) if security(container).run_as_group is None else container
        ),
    )


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each container with a group it may not have."""
    inherited = pod_security(pod).run_as_group
    for path, container in containers(pod):
        own = security(container).run_as_group
        group = inherited if own is None else own
        groups = None if group is None else (group,)
        yield from group_reasons(f"{path}.securityContext", groups, settings.ranges, needed=settings.needed)


CONTROL = Control(id="run_as_group", psp_fields=("runAsGroup",), settings=settings, judge=judge, default=default)

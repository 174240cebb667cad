"""The user ids containers run as: in ranges, not root, or any.

Policy: `runAsUser`. `MustRunAs` gives the first range's minimum to a container that has no uid and refuses uids outside
the ranges. `MustRunAsNonRoot` sets `runAsNonRoot` where neither it nor a uid is set, and refuses uid 0 and
`runAsNonRoot: false`. Pod: `runAsUser` and `runAsNonRoot` of every container, else of the pod.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.control import Control
from pulumi_pod_security.controls.pod import (
    Container,
    Pod,
    PodSecurityContext,
    containers,
    pod_security,
    security,
    with_containers,
    with_security,
)
from pulumi_pod_security.controls.ranges import within
from pulumi_pod_security.controls.reason import Reason, invalid, required
from pulumi_pod_security.policy.model import IDRange, PodSecurityPolicy

__all__ = ["CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The ranges of `MustRunAs`; empty under `MustRunAsNonRoot`."""

    ranges: tuple[IDRange, ...]


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked under `RunAsAny`."""
    strategy = policy.spec.run_as_user
    if strategy.rule == "RunAsAny":
        return None
    return Settings(ranges=tuple(strategy.ranges or ()) if strategy.rule == "MustRunAs" else ())


def default(settings: Settings, pod: Pod) -> Pod:
    """Set the uid, or that it must not be root, in every container that says nothing of it."""
    inherited = pod_security(pod)
    if inherited.run_as_user is not None or (not settings.ranges and inherited.run_as_non_root is not None):
        return pod
    return with_containers(pod, lambda container: _filled(settings, container))


def _filled(settings: Settings, container: Container) -> Container:
    own = security(container)
    if own.run_as_user is not None:
        return container
    if settings.ranges:
        return with_security(container, run_as_user=settings.ranges[0].min)
    return container if own.run_as_non_root is not None else with_security(container, run_as_non_root=True)


def judge(settings: Settings, pod: Pod) -> Iterator[Reason]:
    """Each container with a uid it may not have."""
    inherited = pod_security(pod)
    rule = _outside if settings.ranges else _root
    for path, container in containers(pod):
        yield from rule(settings, container, inherited, f"{path}.securityContext")


def _outside(settings: Settings, container: Container, pod: PodSecurityContext, path: str) -> Iterator[Reason]:
    uid = _uid(container, pod)
    if uid is None:
        yield required(f"{path}.runAsUser", "")
    elif not within(uid, settings.ranges):
        detail = f"must be in the ranges: {printing.ranges(settings.ranges)}"
        yield invalid(f"{path}.runAsUser", str(uid), detail)


def _root(_settings: Settings, container: Container, pod: PodSecurityContext, path: str) -> Iterator[Reason]:
    uid, non_root = _uid(container, pod), security(container).run_as_non_root
    if non_root is None:
        non_root = pod.run_as_non_root
    if non_root is None and uid is None:
        yield required(f"{path}.runAsNonRoot", "must be true")
    elif non_root is False:
        yield invalid(f"{path}.runAsNonRoot", "false", "must be true")
    elif uid == 0:
        yield invalid(f"{path}.runAsUser", "0", "running with the root UID is forbidden")


def _uid(container: Container, pod: PodSecurityContext) -> int | None:
    own = security(container).run_as_user
    return pod.run_as_user if own is None else own


CONTROL = Control(id="run_as_user", psp_fields=("runAsUser",), settings=settings, judge=judge, default=default)

"""Groups: of the volumes, beside the own one, and the primary one. No level asks anything of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pulumi_pod_security.controls import fs_group, run_as_group, supplemental_groups
from pulumi_pod_security.controls.comparison.changing import Change, container_security, security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.controls.comparison.numbers import LAST_ID, beside
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.model import (
    FSGroupStrategy,
    PodSecurityPolicy,
    RunAsGroupStrategy,
    SupplementalGroupsStrategy,
)

__all__ = ["CONCERNS"]

_Strategy = FSGroupStrategy | RunAsGroupStrategy | SupplementalGroupsStrategy


def _same(pod: Pod) -> Pod:
    return pod


def _uses(
    what: str, strategy: Callable[[PodSecurityPolicy], _Strategy | None], change: Callable[[int], Change]
) -> Callable[[PodSecurityPolicy], Iterator[Use]]:
    def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
        yield Use(what=f"{what} that are not set", change=_same)
        asked = strategy(policy)
        for group in beside((asked.ranges if asked else None) or (), least=0, usual=1000, most=LAST_ID):
            yield Use(what=what, example=str(group), change=change(group))

    return uses


def _volume_group(group: int) -> Change:
    return security_of_pod(fs_group=group)


def _primary_group(group: int) -> Change:
    return container_security(run_as_group=group)


def _another_group(group: int) -> Change:
    return security_of_pod(supplemental_groups=(group,))


_of_another = _uses("supplemental groups", lambda policy: policy.spec.supplemental_groups, _another_group)


def _supplemental(policy: PodSecurityPolicy) -> Iterator[Use]:
    yield Use(what="empty lists of supplemental groups", change=security_of_pod(supplemental_groups=()))
    yield from _of_another(policy)


CONCERNS = (
    Concern(
        id="fs_group",
        controls=(fs_group.CONTROL,),
        checks=(),
        uses=_uses("groups of volumes", lambda policy: policy.spec.fs_group, _volume_group),
    ),
    Concern(id="supplemental_groups", controls=(supplemental_groups.CONTROL,), checks=(), uses=_supplemental),
    Concern(
        id="run_as_group",
        controls=(run_as_group.CONTROL,),
        checks=(),
        uses=_uses("primary groups", lambda policy: policy.spec.run_as_group, _primary_group),
    ),
)

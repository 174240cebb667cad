"""Ids in ranges: what the controls of users and groups have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pulumi_pod_security.controls import cel, printing
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import FSGroupStrategy, IDRange, RunAsGroupStrategy, SupplementalGroupsStrategy

__all__ = ["Groups", "group_clauses", "group_reasons", "groups_of", "within"]


@dataclass(frozen=True, kw_only=True)
class Groups:
    """The ranges of groups, and whether a group must be set."""

    ranges: tuple[IDRange, ...]
    needed: bool


def groups_of(strategy: FSGroupStrategy | RunAsGroupStrategy | SupplementalGroupsStrategy | None) -> Groups | None:
    """What a strategy asks of groups; nothing under `RunAsAny`, which is meant when it is left out."""
    if strategy is None or strategy.rule == "RunAsAny":
        return None
    return Groups(ranges=tuple(strategy.ranges or ()), needed=strategy.rule == "MustRunAs")


def within(number: int, ranges: Sequence[IDRange]) -> bool:
    """Whether a range holds the number."""
    for each in ranges:  # noqa: SIM110 - several times as fast
        if each.min <= number <= each.max:
            return True
    return False


def group_reasons(path: str, groups: Sequence[int] | None, asked: Groups) -> Reasons:
    """A reason for every group outside the ranges, and one for no group where one is needed."""
    reasons: Reasons = ()
    if asked.needed and not groups:
        reasons = (invalid(path, printing.groups(groups), "unable to validate empty groups against required ranges"),)
    for group in groups or ():
        if not within(group, asked.ranges):
            detail = f"group {group} must be in the ranges: {printing.ranges(asked.ranges)}"
            reasons += (invalid(path, printing.groups(groups), detail),)
    return reasons


def group_clauses(part: Literal["pod", "container"], field: str, found: str, asked: Groups) -> cel.Clauses:
    """A group outside the ranges, and none where one is needed; what is found is an optional."""
    path = f"securityContext.{field}"
    refused = cel.Refused(
        part=part,
        when=f"{found}.optMap(g, !({cel.within('g', asked.ranges)})).orValue(false)",
        says=f"{path}: group must be in the ranges: {printing.ranges(asked.ranges)}",
    )
    if not asked.needed:
        return (refused,)
    first = asked.ranges[0].min
    missing = cel.Written(
        part=part,
        when=f"!{found}.hasValue()",
        says=f"{path}: must be set, such as to {first}",
        field=("securityContext", field),
        value=cel.literal(first),
    )
    return refused, missing

"""Ids in ranges: what the controls of users and groups have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pulumi_pod_security.controls import printing
from pulumi_pod_security.controls.reason import Reason, invalid
from pulumi_pod_security.policy.model import IDRange

__all__ = ["group_reasons", "within"]


def within(number: int, ranges: Sequence[IDRange]) -> bool:
    """Whether a range holds the number."""
    return any(each.min <= number <= each.max for each in ranges)


def group_reasons(
    path: str, groups: Sequence[int] | None, ranges: Sequence[IDRange], *, needed: bool
) -> Iterator[Reason]:
    """A reason for every group outside the ranges, and one for no group where one is needed."""
    if needed and not groups:
        yield invalid(path, printing.groups(groups), "unable to validate empty groups against required ranges")
    for group in groups or ():
        if not within(group, ranges):
            detail = f"group {group} must be in the ranges: {printing.ranges(ranges)}"
            yield invalid(path, printing.groups(groups), detail)

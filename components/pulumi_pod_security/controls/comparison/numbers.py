"""Numbers that are as good as all: what ranges hold of them, and what they leave, begins and ends beside their ends."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_pod_security.policy.model import HostPortRange, IDRange

__all__ = ["LAST_ID", "beside"]

LAST_ID = 2**31 - 1
"""The greatest user or group that an API server takes (`IsValidUserID` in pkg/util/validation/validation.go,
k8s.io/apimachinery v0.24.17)."""


def beside(ranges: Iterable[HostPortRange | IDRange], *, least: int, usual: int, most: int) -> list[int]:
    """The ends of the ranges and the numbers beside them, the least, a usual one and the most; in order."""
    ends = {end for each in ranges for end in (each.min - 1, each.min, each.max, each.max + 1)}
    return sorted(end for end in {*ends, least, usual, most} if least <= end <= most)

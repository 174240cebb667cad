"""The level of the Pod Security Standards that is nearest to a policy, and all that it would change.

Nearest is the level with the fewest differences, of two alike the tighter one. Counted are the concerns that policies
know of, once for what the level newly allows and once for what it newly refuses. What it refuses only for want of what
the policy writes is not counted, because pods can say that themselves, and neither is what only odd pods do. The
privileged level is near only to policies that give a pod its node themselves. No policy is baseline or restricted:
these refuse things that no policy reads, and write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pulumi_pod_security.admission.changes import Change, changes
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.rbac.review.shadow import openings
from pulumi_pod_security.admission.standards import LATEST, Standard, StandardLevel
from pulumi_pod_security.controls.check import Rule
from pulumi_pod_security.controls.comparison import PLAIN, Containment, compare
from pulumi_pod_security.controls.standards import STANDARDS
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["TIGHTEST_FIRST", "Comparison", "Nearest", "nearest"]

TIGHTEST_FIRST: tuple[StandardLevel, ...] = ("restricted", "baseline", "privileged")


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A policy beside one level, concern by concern."""

    standard: Standard
    concerns: tuple[Containment, ...]

    @property
    def distance(self) -> int:
        """In how many of the concerns that policies know of the level allows something new, and refuses something."""
        sides = [side for one in self.concerns if one.is_known for side in (one.allowed, one.refused)]
        return sum(any(not difference.is_odd for difference in side) for side in sides)

    @property
    def allows_nothing_new(self) -> bool:
        """Whether the policy admits every pod that the level does."""
        return not any(one.allowed for one in self.concerns)

    @property
    def refuses_nothing_new(self) -> bool:
        """Whether the level admits every pod that the policy does."""
        return not any(one.refuses for one in self.concerns)


@dataclass(frozen=True, kw_only=True)
class Nearest:
    """A policy beside every level.

    Attributes:
        comparisons: the tightest level first.
        openings: what in the policy gives a pod its node.
        written: what the policy writes into a pod that says nothing, and a level would not.
    """

    policy: str
    comparisons: tuple[Comparison, ...]
    openings: tuple[str, ...]
    written: tuple[Change, ...]

    @property
    def comparison(self) -> Comparison:
        """That of the nearest level."""
        near = [one for one in self.comparisons if self.openings or one.standard.level != "privileged"]
        return min(near, key=lambda one: one.distance)


def nearest(policy: PodSecurityPolicy, version: str = LATEST) -> Nearest:
    """The policy, which the plugin can use, beside the levels of that version.

    Raises:
        InvalidStandard: there is no such version.
    """
    standards = [Standard(level=level, version=version) for level in TIGHTEST_FIRST]
    return Nearest(
        policy=policy.name,
        comparisons=tuple(Comparison(standard=one, concerns=compare(policy, _rules(one))) for one in standards),
        openings=openings(policy.spec),
        written=changes(PLAIN, Prepared.of(policy).default(PLAIN)),
    )


def _rules(standard: Standard) -> Mapping[str, Rule]:
    return {} if standard.level == "privileged" else STANDARDS[standard.level][standard.minor]

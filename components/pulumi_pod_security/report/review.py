"""What the renderings of a `check` are made from."""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.report.explanation import Explanation

__all__ = ["Review"]


@dataclass(frozen=True, kw_only=True)
class Review:
    """The findings, and what has to be known to read them.

    Attributes:
        notes: what was assumed, and what was left aside.
        explanations: of the workloads that were asked for, policy by policy.
    """

    report: Report
    notes: tuple[str, ...] = ()
    explanations: tuple[Explanation, ...] = ()

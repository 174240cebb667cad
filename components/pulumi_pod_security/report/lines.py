"""A `check` as plain lines, for pipes, logs and files: one line for each workload, what it is about below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulumi_pod_security.admission.findings import Judged
from pulumi_pod_security.report.explanation import Explanation
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.review import Review
from pulumi_pod_security.report.wording import remarks, summary, told, verdict

__all__ = ["explanation_lines", "lines", "remark_lines"]


def lines(review: Review) -> Iterator[str]:
    """Every line, without its end."""
    for judged in review.report.workloads:
        yield from _judged(judged)
    for explanation in review.explanations:
        yield from explanation_lines(explanation)
    yield from remark_lines(remarks(review))
    yield harmless(summary(review))


def explanation_lines(explanation: Explanation) -> Iterator[str]:
    """Every policy in order, with what came of it."""
    judged = explanation.judged
    yield harmless(f"{judged.workload} policy by policy:")
    if not explanation.policies:
        yield "  there is no policy"
    for number, considered in enumerate(explanation.policies, 1):
        yield harmless(f"  {number}. {considered.policy}: {considered.outcome}")
        yield from (harmless(f"       {detail}") for detail in considered.details)


def remark_lines(sections: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    """Headings, each with its entries below."""
    for heading, entries in sections:
        yield f"{heading}:"
        yield from (harmless(f"  {entry}") for entry in entries)


def _judged(judged: Judged) -> Iterator[str]:
    by = f" by policy {judged.policy}" if judged.policy else ""
    workload = judged.workload
    yield harmless(f"{verdict(judged):<8} {workload}{by} ({workload.circumstances}) {judged.where}")
    yield from (harmless(f"    {line}") for line in told(judged))

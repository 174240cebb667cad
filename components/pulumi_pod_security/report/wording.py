"""The sentences that every rendering of a `check` shares."""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.admission.findings import Counts, Judged
from pulumi_pod_security.errors import capped
from pulumi_pod_security.report.review import Review

__all__ = ["counted", "plural", "remarks", "summary", "told", "verdict"]


def verdict(judged: Judged) -> str:
    """One word."""
    return "admitted" if judged.admitted else "refused"


def told(judged: Judged) -> list[str]:
    """What the policy writes into an admitted pod; of a refused one every policy with its reasons."""
    if judged.admitted:
        return [f"writes {change}" for change in capped(judged.changes)]
    steps = judged.verdict.steps
    unusable = [step.policy for step in steps if step.outcome == "may not be used"]
    refusing = [f"{step.policy}: {reason}" for step in steps if step.outcome == "refuses" for reason in step.reasons]
    unbuilt = [f"{step.policy}: the plugin cannot build it" for step in steps if step.outcome == "cannot be built"]
    who = " and ".join(identity.user for identity in judged.workload.identities)
    barred = [f"{who} may not use: {', '.join(capped(unusable))}"] if unusable else []
    return capped([*refusing, *unbuilt, *barred]) if steps else ["there is no policy"]


def remarks(review: Review) -> Iterator[tuple[str, list[str]]]:
    """What stands below the workloads, heading by heading; a heading without anything is left out."""
    sections = (
        ("could not be read or used", review.report.faults),
        ("not judged", review.report.unread),
        ("notes", review.notes),
    )
    return ((heading, capped(entries)) for heading, entries in sections if entries)


def summary(review: Review) -> str:
    """How many workloads of how many documents were admitted and refused."""
    report = review.report
    every, refused = len(report.workloads), len(report.refused)
    judged = f"{plural(every, 'workload')}: {every - refused} admitted, {refused} refused"
    return f"{judged} ({', '.join(counted(report.counts))})"


def counted(counts: Counts) -> list[str]:
    """What the documents were, in words; nothing is left out of the sum but zeros."""
    named = (
        (counts.policies, "policy", "policies"),
        (counts.rbac, "RBAC object", "RBAC objects"),
        (counts.accounts, "service account", "service accounts"),
        (counts.repeated, "owned object like its owner", "owned objects like their owners"),
        (counts.over, "finished pod or Job", "finished pods and Jobs"),
        (sum(counts.others.values()), "object that creates no pods", "objects that create no pods"),
        (counts.unread, "custom resource", "custom resources"),
        (counts.faulty, "faulty document", "faulty documents"),
    )
    kinds = [f"{count} {one if count == 1 else many}" for count, one, many in named if count]
    return [f"of {plural(counts.documents, 'document')}", *kinds]


def plural(count: int, noun: str) -> str:
    """`1 workload`, `2 workloads`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"

"""A `check` as JSON: everything, uncut, in a stable order."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from pulumi_pod_security.admission.findings import Judged, Report
from pulumi_pod_security.admission.request import Step
from pulumi_pod_security.errors import Fault, shown
from pulumi_pod_security.report.explanation import Explanation
from pulumi_pod_security.report.harmless import escaped
from pulumi_pod_security.report.review import Review

__all__ = ["as_json", "fault", "json_text"]


def json_text(review: Review) -> str:
    """The text, with a line feed at its end; it holds printable characters only."""
    return as_json(_review(review))


def as_json(data: Mapping[str, Any]) -> str:
    """Plain data as harmless JSON."""
    return escaped(json.dumps(data, ensure_ascii=False, indent=2)) + "\n"


def fault(found: Fault) -> dict[str, str]:
    """A fault in its parts."""
    return {"path": found.path, "value": shown(found.value), "allowed": found.allowed}


def _review(review: Review) -> dict[str, Any]:
    report = review.report
    return {
        "workloads": [_judged(judged) for judged in report.workloads],
        "explanations": [_explanation(explanation) for explanation in review.explanations],
        "faults": [fault(found) for found in report.faults],
        "notJudged": [{**dataclasses.asdict(unread), "templates": list(unread.templates)} for unread in report.unread],
        "notes": list(review.notes),
        "policies": list(report.policies),
        "counts": _counts(report),
    }


def _judged(judged: Judged) -> dict[str, Any]:
    workload = judged.workload
    return {
        "namespace": workload.namespace,
        "kind": workload.kind,
        "name": workload.name,
        "where": judged.where,
        "serviceAccount": workload.service_account,
        "creator": workload.creator.user,
        "replicas": workload.replicas,
        "admitted": judged.admitted,
        "policy": judged.policy,
        "changes": [{"path": list(change.path), "value": change.value} for change in judged.changes],
        "reasons": [str(reason) for reason in judged.reasons],
        "message": judged.verdict.message,
        "tried": [_step(step) for step in judged.verdict.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    reasons = [str(reason) for reason in step.reasons] if step.outcome == "refuses" else []
    return {"policy": step.policy, "outcome": step.outcome, "reasons": reasons}


def _explanation(explanation: Explanation) -> dict[str, Any]:
    policies = [
        {"policy": one.policy, "outcome": one.outcome, "details": list(one.details)} for one in explanation.policies
    ]
    return {"workload": str(explanation.judged.workload), "policies": policies}


def _counts(report: Report) -> dict[str, Any]:
    refused = len(report.refused)
    counts = {**dataclasses.asdict(dataclasses.replace(report.counts, others={})), "others": dict(report.counts.others)}
    judged = {"admitted": len(report.workloads) - refused, "refused": refused}
    return {"documents": report.counts.documents, **counts, **judged}

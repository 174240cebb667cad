"""Which labels a label selector selects, as Kubernetes' own selectors do."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_pod_security.admission.rbac.objects import LabelSelector, Requirement

__all__ = ["selects"]


def selects(selector: LabelSelector, labels: Mapping[str, str | None]) -> bool:
    """Whether every label and every expression of the selector is met; a selector without any selects everything."""
    return all(
        key in labels and (labels[key] or "") == (value or "") for key, value in (selector.match_labels or {}).items()
    ) and all(_meets(requirement, labels) for requirement in selector.match_expressions or ())


def _meets(requirement: Requirement, labels: Mapping[str, str | None]) -> bool:
    present = requirement.key in labels
    match requirement.operator:
        case "In":
            return present and (labels[requirement.key] or "") in (requirement.values or ())
        case "NotIn":
            return not present or (labels[requirement.key] or "") not in (requirement.values or ())
        case "Exists":
            return present
        case "DoesNotExist":
            return not present
    return False

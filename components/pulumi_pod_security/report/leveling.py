"""What levels of the standards would change, in words and as plain data: policy by policy, and by namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pulumi_pod_security.admission.migration import Comparison, InNamespace, Nearest, Surveyed
from pulumi_pod_security.controls.comparison import Containment, Difference
from pulumi_pod_security.report.wording import plural

__all__ = ["common_lines", "namespace_data", "namespace_lines", "policy_data", "policy_lines"]

_SIDES = (("newly allowed", "allowed"), ("newly refused", "refused"), ("refused unless pods say it", "unwritten"))


def policy_lines(found: Nearest) -> Iterator[str]:
    """A policy beside its nearest level, concern by concern; what is alike for most is told by `common_lines`."""
    nearest = found.comparison
    yield f"{found.policy}: nearest is {nearest.standard.level} ({_distances(found)})"
    for one in nearest.concerns:
        if one.is_known:
            yield from (f"  {one.concern}: {text}" for text in _differences(one))
    if found.written:
        yield f"  no level writes what it writes into a pod: {', '.join(map(str, found.written))}"


def common_lines(levels: Iterable[Nearest]) -> Iterator[str]:
    """What the levels that are near refuse and policies read elsewhere or nowhere, once for all policies."""
    found: dict[str, dict[str, None]] = {}
    for nearest in (one.comparison for one in levels):
        for one in nearest.concerns:
            for difference in one.refused if not one.is_known else filter(_is_odd, one.refused):
                found.setdefault(difference.what, {})[nearest.standard.level] = None
    for what, named in found.items():
        yield f"no policy reads it, and {' and '.join(named)} {'refuse' if len(named) > 1 else 'refuses'} it: {what}"


def _is_odd(difference: Difference) -> bool:
    return difference.is_odd


def namespace_lines(found: InNamespace) -> Iterator[str]:
    """A namespace with its levels, and the workloads that would fare otherwise."""
    passed = f"{plural(found.workloads, 'workload')}, the tightest level that admits all is {found.tightest}"
    nearest = "no policy lets any in" if found.nearest is None else f"nearest to its policies is {found.nearest}"
    yield f"{found.namespace}: {passed}; {nearest}"
    for one in found.broken:
        refusals = ", ".join(map(str, one.refusals[found.nearest])) if found.nearest else ""
        yield f"  admitted by {one.policy} and refused by {found.nearest}: {one.workload}: {refusals}"
    for one in found.opened:
        yield f"  refused today and admitted by {found.nearest}: {one.workload}"


def policy_data(found: Nearest) -> dict[str, Any]:
    """A policy beside every level."""
    return {
        "policy": found.policy,
        "nearest": found.comparison.standard.level,
        "version": found.comparison.standard.version,
        "levels": {one.standard.level: _comparison(one) for one in found.comparisons},
        "written": [{"path": list(change.path), "value": change.value} for change in found.written],
    }


def namespace_data(found: InNamespace) -> dict[str, Any]:
    """A namespace with its levels."""
    return {
        "namespace": found.namespace,
        "workloads": found.workloads,
        "tightest": found.tightest,
        "nearest": found.nearest,
        "broken": [_workload(one, found) for one in found.broken],
        "opened": [_workload(one, found) for one in found.opened],
    }


def _distances(found: Nearest) -> str:
    listed = ", ".join(f"{one.standard.level} {one.distance}" for one in found.comparisons)
    return f"differences by level: {listed}"


def _differences(found: Containment) -> Iterator[str]:
    for words, side in _SIDES:
        differences: list[Difference] = [one for one in getattr(found, side) if not one.is_odd]
        if differences:
            yield f"{words}: {'; '.join(map(str, differences))}"


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "differences": found.distance,
        "allowsNothingNew": found.allows_nothing_new,
        "refusesNothingNew": found.refuses_nothing_new,
        "concerns": [_containment(one) for one in found.concerns if one.allowed or one.refuses],
    }


def _containment(found: Containment) -> dict[str, Any]:
    sides = {side: [_difference(one) for one in getattr(found, side)] for _, side in _SIDES}
    return {"concern": found.concern, "readByPolicies": found.is_known, **sides}


def _difference(found: Difference) -> dict[str, Any]:
    return {"what": found.what, "examples": [use.example for use in found.uses if use.example]}


def _workload(found: Surveyed, place: InNamespace) -> dict[str, Any]:
    refusals = found.refusals[place.nearest] if place.nearest else ()
    one = found.workload
    return {
        "kind": one.kind,
        "name": one.name,
        "where": found.where,
        "policy": found.policy,
        "refusals": [{"reason": each.reason, "detail": each.detail} for each in refusals],
    }

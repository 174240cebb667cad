"""What it costs an API server at most to judge a pod, in the units of its CEL budget, and what it has to spend.

Nearly all of it are questions to the authorizer, two for each policy and API group: asked where no policy may be used.
The rest is bounded by the length of the expressions, for pods of up to `MOST_CONTAINERS` containers and `MOST_VOLUMES`
volumes, `MOST_HOST_PATHS` of them paths of the node, and with a handful of mounts in each container. A larger pod may
run out of budget; it is refused then, never admitted. Reasons are told for pods of up to `MOST_TOLD` of either, because
words cost as well.

Upstream: staging/src/k8s.io/apiserver/pkg/apis/cel/config.go and pkg/cel/library/cost.go, kubernetes v1.36.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pulumi_pod_security.controls.cel import Clause
from pulumi_pod_security.errors import DoesNotFit, Fault
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.cel.terms import Term

__all__ = [
    "BUDGET",
    "MOST_CONTAINERS",
    "MOST_HOST_PATHS",
    "MOST_TOLD",
    "MOST_VOLUMES",
    "cost",
    "require_budget",
    "require_short",
]

BUDGET = 10_000_000
"""For all validations of an admission policy, with their variables and messages (`RuntimeCELCostBudget`)."""
MOST_CONTAINERS = 50
MOST_VOLUMES = 50
MOST_HOST_PATHS = 3
MOST_TOLD = 20

_OF_AN_EXPRESSION = 1_000_000
# 350,000 for a check, and 1 for each call that leads to it.
_CHECK = 350_020
_CHECKS = 2
# Measured 0.05 to 0.08 with 13 policies that narrow everything; the rest is for lists in a container.
_OF_A_CHARACTER = 0.35
# A pod is looked at for its verdict, and once more for the messages, and once for the reasons in them.
_LOOKS = 3
_TIMES = {
    "pod": _LOOKS,
    "container": max(MOST_CONTAINERS, _LOOKS * MOST_TOLD),
    "volume": max(MOST_VOLUMES, _LOOKS * MOST_TOLD),
}
_LONGEST_EXPRESSION = 100_000


def cost(terms: Sequence[Term]) -> int:
    """What these policies cost at most."""
    return sum(_of_rights(term) + _of_clauses(term) for term in terms)


def require_budget(policies: Sequence[PodSecurityPolicy], terms: Sequence[Term]) -> None:
    """Refuse more policies than a server can judge a pod by.

    Raises:
        DoesNotFit: with how many would fit, and which may be one.
    """
    faults = [*_too_large(terms)]
    if (spent := cost(terms)) > BUDGET:
        allowed = (
            f"at most {_fitting(terms)} of them: an API server spends {BUDGET:,} on a pod and these cost {spent:,}, "
            f"for pods of up to {MOST_CONTAINERS} containers and {MOST_VOLUMES} volumes; {_mend(policies)}"
        )
        faults.append(Fault(path="policies", value=len(terms), allowed=allowed))
    if faults:
        raise DoesNotFit("admission policy", faults)


def require_short(manifests: Iterable[Mapping[str, Any]]) -> None:
    """Refuse what no server could compile, before a part of it is there.

    Raises:
        DoesNotFit: an expression is longer than servers read.
    """
    longest = max((len(text) for manifest in manifests for text in _texts(manifest)), default=0)
    if longest > _LONGEST_EXPRESSION:
        allowed = f"lists of fewer entries: an expression would have {longest:,} of {_LONGEST_EXPRESSION:,} characters"
        raise DoesNotFit("admission policy", [Fault(path="policies", value=longest, allowed=allowed)])


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)


def _of_rights(term: Term) -> int:
    return len(term.api_groups) * _CHECKS * _CHECK


def _of_clauses(term: Term) -> int:
    return round(_OF_A_CHARACTER * sum(map(_characters, term.in_full())))


def _characters(clause: Clause) -> int:
    """How many are looked at: a clause of a path of the node looks at all mounts of all containers."""
    times = _TIMES[clause.part]
    if "variables.containers" in clause.when:
        times += MOST_HOST_PATHS * _TIMES["container"]
    return times * len(clause.when)


def _too_large(terms: Sequence[Term]) -> Iterator[Fault]:
    for term in terms:
        length = len(term.unless("fits", term.in_full())["expression"])
        if length > _LONGEST_EXPRESSION or _of_clauses(term) > _OF_AN_EXPRESSION:
            allowed = f"lists of fewer entries: its expression would have {length:,} characters"
            yield Fault(path=f"policies[{term.name}]", value=term.name, allowed=allowed)


def _fitting(terms: Sequence[Term]) -> int:
    return next(count for count in range(len(terms), -1, -1) if cost(terms[:count]) <= BUDGET)


def _mend(policies: Sequence[PodSecurityPolicy]) -> str:
    groups: dict[object, list[str]] = {}
    for policy in policies:
        groups.setdefault((policy.spec, policy.seccomp, policy.apparmor), []).append(policy.name)
    equal = [" and ".join(names) for names in groups.values() if len(names) > 1]
    if equal:
        return f"these say the same and may be one, if the same subjects may use them: {', '.join(equal)}"
    return "no two say the same: leave out those that nobody may use or needs (pod-security migrate tells)"

"""CEL, the language of Kubernetes' admission policies: what a control asks of a pod, in clauses.

A clause is about one part of a pod: the pod itself (`object`), a container (`c`) or a volume (`v`). All containers and
volumes are `variables.containers` and `variables.volumes`. Both are asked about the pod as it came, without what the
policy writes. Expressions keep to what servers understand from 1.30 on; only values that are written, which takes 1.36,
may use more.

What CEL sees is the pod as the API has it, where an empty list is none and false is left out.
Language and limits: staging/src/k8s.io/apiserver/pkg/cel/environment/base.go, kubernetes v1.36.3.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = [
    "CONTAINERS",
    "VOLUMES",
    "Clause",
    "Clauses",
    "Part",
    "Refused",
    "Written",
    "any_applies",
    "either",
    "inherited",
    "is_in",
    "literal",
    "own",
    "own_or_inherited",
    "within",
]

Part = Literal["pod", "container", "volume"]
"""What a clause is about."""

CONTAINERS = (
    "object.spec.containers + object.spec.?initContainers.orValue([]) + object.spec.?ephemeralContainers.orValue([])"
)
"""`variables.containers`: all of a pod's containers."""
VOLUMES = "object.spec.?volumes.orValue([])"
"""`variables.volumes`: all of a pod's volumes."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """What a policy refuses, also when everything that it writes is written.

    Attributes:
        when: an expression, true for a part that is refused.
        says: why, in the words of the plugin, after the field.
    """

    part: Part
    when: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a policy writes, or nothing where it only counts as one that does.

    Attributes:
        when: an expression, true for a part that is written into.
        says: what is missing from a part that nothing may be written into.
        field: what is written, below the pod's spec or the container.
        value: an expression for it.
    """

    part: Literal["pod", "container"]
    when: str
    says: str
    field: tuple[str, ...] = ()
    value: str = ""


Clause = Refused | Written
Clauses = tuple[Clause, ...]


class Range(Protocol):
    """Numbers from `min` to `max`, both included."""

    @property
    def min(self) -> int:
        """The smallest."""

    @property
    def max(self) -> int:
        """The largest."""


def literal(value: str | int | Sequence[str] | Sequence[int] | Mapping[str, str]) -> str:
    """The value, as an expression."""
    return json.dumps(value, ensure_ascii=False)


def own(field: str) -> str:
    """The field of the container's security context, as an optional."""
    return f"c.?securityContext.?{field}"


def inherited(field: str) -> str:
    """The field of the pod's security context, as an optional."""
    return f"object.spec.?securityContext.?{field}"


def own_or_inherited(field: str) -> str:
    """The field of the container's security context, else of the pod's, as an optional."""
    return f"{own(field)}.or({inherited(field)})"


def is_in(term: str, names: Collection[str]) -> str:
    """Whether the term is one of the names."""
    return f"{term} in {literal(sorted(names))}"


def within(term: str, ranges: Sequence[Range]) -> str:
    """Whether a range holds the term."""
    return either(
        f"{term} == {each.min}" if each.min == each.max else f"{each.min} <= {term} && {term} <= {each.max}"
        for each in ranges
    )


def either(conditions: Iterable[str]) -> str:
    """Whether any of the conditions holds."""
    return " || ".join(f"({condition})" for condition in conditions) or "false"


def any_applies(clauses: Iterable[Clause]) -> str:
    """Whether any of the clauses applies to the pod."""
    by_part: dict[Part, list[str]] = {"pod": [], "volume": [], "container": []}
    for clause in clauses:
        by_part[clause.part].append(clause.when)
    conditions = list(by_part["pod"])
    if by_part["volume"]:
        conditions.append(f"variables.volumes.exists(v, {either(by_part['volume'])})")
    if by_part["container"]:
        conditions.append(f"variables.containers.exists(c, {either(by_part['container'])})")
    return either(conditions)

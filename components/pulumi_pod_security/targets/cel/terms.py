"""What one policy asks, as variables of an admission policy: whether a pod fits it, and whether it may be used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.cel import (
    CONTAINERS,
    VOLUMES,
    Clause,
    Clauses,
    Refused,
    Written,
    any_applies,
    literal,
)
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable
from pulumi_pod_security.policy.stored import as_stored

__all__ = ["PARTS", "PSP", "Term", "Variable", "terms_of"]

Variable = dict[str, str]
"""One entry of an admission policy's `variables`."""

PARTS: tuple[Variable, ...] = (
    {"name": "containers", "expression": CONTAINERS},
    {"name": "volumes", "expression": VOLUMES},
)
"""What clauses read."""

PSP: Variable = {"name": "psp", "expression": 'object.metadata.?annotations[?"kubernetes.io/psp"].orValue("")'}
"""The policy that a pod says it was admitted by."""


@dataclass(frozen=True, kw_only=True)
class Term:
    """A policy, by name.

    Attributes:
        variable: the end of its variables' names.
        clauses: what its controls ask.
        api_groups: where the right to use it is looked for.
    """

    name: str
    variable: str
    clauses: Clauses
    api_groups: tuple[str, ...]

    def in_full(self) -> Clauses:
        """What a pod must not come to validation with: what it is refused for, and what has not been written."""
        return (*self.without_defaults(), *self.written)

    def without_defaults(self) -> Clauses:
        """What nothing that is written can mend."""
        return tuple(clause for clause in self.clauses if isinstance(clause, Refused))

    @property
    def written(self) -> tuple[Written, ...]:
        """What is written into a pod."""
        return tuple(clause for clause in self.clauses if isinstance(clause, Written) and clause.field)

    def unless(self, name: str, clauses: Iterable[Clause]) -> Variable:
        """Whether none of the clauses applies."""
        return {"name": f"{name}_{self.variable}", "expression": f"!({any_applies(clauses)})"}

    @property
    def may_be_used(self) -> tuple[Variable, ...]:
        """Whether the pod's service account or the user may use it: two questions at most in each variable.

        An API server lets an expression cost two authorizer checks and little more
        (staging/src/k8s.io/apiserver/pkg/apis/cel/config.go, kubernetes v1.36.3).
        """
        return tuple(
            {"name": f"use_{self.variable}{_suffix(group)}", "expression": _use(self.name, group)}
            for group in self.api_groups
        )

    @property
    def use(self) -> str:
        """Whether it may be used, in the variables' terms."""
        return " || ".join(f"variables.{each['name']}" for each in self.may_be_used)


def terms_of(policies: Sequence[PodSecurityPolicy], api_groups: Sequence[str]) -> tuple[Term, ...]:
    """The policies by name, in the order of the plugin; without those it cannot build."""
    usable = [policy for policy in map(as_stored, policies) if not any(unusable(policy.spec))]
    usable.sort(key=lambda policy: policy.name.encode())
    variables = _unlike(re.sub(r"[^a-z0-9]", "_", policy.name) for policy in usable)
    return tuple(
        Term(name=policy.name, variable=variable, clauses=_clauses(policy), api_groups=tuple(api_groups))
        for policy, variable in zip(usable, variables, strict=True)
    )


def _unlike(names: Iterable[str]) -> Iterator[str]:
    """The names, numbered where they are equal; no name has an N of its own."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}_N{seen[name]}"


def _clauses(policy: PodSecurityPolicy) -> Clauses:
    asked: Iterator[tuple[Any, Any]] = ((control, control.settings(policy)) for control in CONTROLS)
    found = (control.cel(settings) for control, settings in asked if settings is not None)
    return tuple(chain.from_iterable(found))


def _suffix(group: str) -> str:
    return "" if group == "policy" else f"_{group.upper()}"


def _use(policy: str, group: str) -> str:
    resource = (
        f'group({literal(group)}).resource("podsecuritypolicies").namespace(request.namespace)'
        f'.name({literal(policy)}).check("use").allowed()'
    )
    account = "object.spec.serviceAccountName"
    by_account = f"authorizer.serviceAccount(request.namespace, {account}).{resource}"
    return f'has({account}) && {account} != "" && {by_account} || authorizer.{resource}'

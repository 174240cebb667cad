"""Policies and RBAC as they are, taken over as policies, grants and admins of a baseline; and what cannot be.

What was taken over gives the same answers: whoever may use a policy by a grant may do so today. Who may do so today and
by no grant stands among what is left, with the binding and the role.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pulumi_pod_security.admission.migration.managing import managers
from pulumi_pod_security.admission.migration.names import Names
from pulumi_pod_security.admission.migration.sayable import Right, rights, subject_of
from pulumi_pod_security.admission.rbac.because import Because
from pulumi_pod_security.admission.rbac.objects import Named
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.policy.baseline import check
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable
from pulumi_pod_security.policy.subjects import Subject, subject_faults

__all__ = ["Left", "Taken", "take_over"]

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, kw_only=True)
class Left:
    """Something that is not taken over.

    Attributes:
        what: in words, with the binding and the role it comes from.
        why: in words.
        because: the right, where it is one to use policies.
    """

    what: str
    why: str
    because: Because | None = None

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What was taken over, and what is left; the parts fit together as a baseline.

    Attributes:
        notes: what was taken over otherwise than it stands.
    """

    policies: tuple[PodSecurityPolicy, ...]
    grants: tuple[Grant, ...]
    admins: tuple[Subject, ...]
    left: tuple[Left, ...]
    notes: tuple[str, ...]


def take_over(policies: Sequence[PodSecurityPolicy], rbac: Rbac) -> Taken:
    """Take over what policies and RBAC say."""
    usable = [policy for policy in policies if not any(unusable(policy.spec))]
    found = rights(rbac, {policy.name for policy in usable})
    grants, doubles = _grants(found, Names(rbac=rbac))
    admins, unmanaging = _admins(rbac)
    applied = [policy.name for policy in usable if _APPLIED in policy.annotations]
    taken = Taken(
        policies=tuple(map(_without_applied, usable)),
        grants=grants,
        admins=admins,
        left=(*_passed_by(policies), *_left(found), *unmanaging),
        notes=(*_applied(applied), *doubles),
    )
    check(taken.policies, taken.grants, taken.admins)
    return taken


def _passed_by(policies: Iterable[PodSecurityPolicy]) -> Iterator[Left]:
    for policy in policies:
        if faults := tuple(unusable(policy.spec)):
            yield Left(what=f"PodSecurityPolicy {policy.name}", why=f"no pod ever gets it: {faults[0]}")


def _left(found: Iterable[Right]) -> Iterator[Left]:
    """Each right once, whatever the number of rules that give it."""
    told: set[Hashable] = set()
    for because, why in found:
        right = (because.subject, because.policy, because.binding, why)
        if why and right not in told:
            told.add(right)
            yield Left(what=str(because), why=why, because=because)


def _grants(found: Sequence[Right], names: Names) -> tuple[tuple[Grant, ...], list[str]]:
    """The grants, those that keep their names first among equals; and in words what says the same as another."""
    partly = {right.because.binding for right in found if right.why}
    given: dict[tuple[Named, Named], dict[str, list[Because]]] = defaultdict(lambda: defaultdict(list))
    for right in found:
        because = right.because
        if not right.why and because.binding and because.role and because.policy:
            given[because.binding, because.role][because.policy].append(because)
    kept = {
        (binding, role): names.keeps(next(iter(by_policy)), binding, role)
        for (binding, role), by_policy in given.items()
        if len(by_policy) == 1 and binding not in partly
    }
    made: dict[Hashable, tuple[Grant, Named]] = {}
    doubles: list[str] = []
    for key in sorted(given, key=lambda key: not kept.get(key)):
        for grant in _of_binding(given[key]):
            meaning = (grant.policy, grant.namespace, frozenset(grant.subjects))
            if meaning in made:
                doubles.append(f"{key[0]} gives what {made[meaning][1]} gives: one grant stands for both")
                continue
            grant = _by_names(grant, *key) if kept.get(key) else names.named(grant)
            made[meaning] = (grant, key[0])
    return tuple(sorted((grant for grant, _ in made.values()), key=_place)), doubles


def _of_binding(by_policy: Mapping[str, Sequence[Because]]) -> Iterator[Grant]:
    for policy, reasons in by_policy.items():
        subjects = dict.fromkeys(subject_of(because.subject) for because in reasons)
        yield Grant(policy=policy, subjects=tuple(subjects), namespace=reasons[0].namespace)


def _by_names(grant: Grant, binding: Named, role: Named) -> Grant:
    own_role = None if role.name == grant.role_name else role.name
    grant = replace(grant, role=own_role)
    return replace(grant, binding=None if binding.name == grant.binding_name else binding.name)


def _place(grant: Grant) -> tuple[str, str, str]:
    return grant.namespace or "", grant.policy, grant.binding_name


def _admins(rbac: Rbac) -> tuple[tuple[Subject, ...], list[Left]]:
    admins: dict[Subject, None] = {}
    left: list[Left] = []
    for found in managers(rbac):
        subject = subject_of(found.subject)
        fault = next(subject_faults(subject, "admins", None), None)
        why = f"no admin of a baseline: may not {', '.join(found.lacking)}" if found.lacking else str(fault or "")
        if why:
            left.append(Left(what=f"{found.subject} may change policies: {found.binding} gives {found.role}", why=why))
        else:
            admins[subject] = None
    return tuple(admins), left


def _without_applied(policy: PodSecurityPolicy) -> PodSecurityPolicy:
    annotations = {key: value for key, value in policy.annotations.items() if key != _APPLIED}
    return policy if len(annotations) == len(policy.annotations) else replace(policy, annotations=annotations)


def _applied(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"without kubectl's own annotation {_APPLIED}: {', '.join(names)}"

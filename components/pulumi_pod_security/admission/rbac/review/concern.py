"""Which pitfalls concern one policy, or somebody: those of the objects that have to do with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pulumi_pod_security.admission.rbac.because import Because
from pulumi_pod_security.admission.rbac.links import role_of
from pulumi_pod_security.admission.rbac.objects import Binding, Rule
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.review.pitfall import Pitfall
from pulumi_pod_security.admission.rbac.review.roles import all_roles, means_use
from pulumi_pod_security.errors import closest
from pulumi_pod_security.policy.identity import Identity

__all__ = ["concerning", "of_policy", "of_somebody"]


def concerning(found: Iterable[Pitfall], names: Collection[str]) -> tuple[Pitfall, ...]:
    """The pitfalls of the objects of these names."""
    return tuple(pitfall for pitfall in found if pitfall.where.partition(": ")[0] in names)


def of_policy(rbac: Rbac, policy: str, answers: Iterable[Because]) -> frozenset[str]:
    """The policy, what gives it, and what seems to be meant to give it and does not."""
    roles = {role.named for role in all_roles(rbac) if any(_about(rule, policy) for rule in role.rules or ())}
    bindings = {
        str(binding.named)
        for binding in _bindings(rbac)
        if role_of(binding) in roles or policy in binding.role_ref.name
    }
    return frozenset((f"PodSecurityPolicy {policy}", *map(str, roles), *bindings, *_named(answers)))


def _about(rule: Rule, policy: str) -> bool:
    named = rule.resource_names or ()
    return means_use(rule) and (not named or policy in named or closest(policy, named) is not None)


def of_somebody(rbac: Rbac, identity: Identity, answers: Iterable[Because]) -> frozenset[str]:
    """The bindings that name somebody, by whatever kind of subject, their roles, and the policies that they give."""
    given = list(answers)
    bindings = [binding for binding in _bindings(rbac) if _names(binding, identity)]
    return frozenset(
        (
            *(str(binding.named) for binding in bindings),
            *(str(role_of(binding)) for binding in bindings),
            *(f"PodSecurityPolicy {answer.policy}" for answer in given),
            *_named(given),
        )
    )


def _names(binding: Binding, identity: Identity) -> bool:
    return any(
        subject.name in {identity.user, *identity.groups}
        or f"system:serviceaccount:{subject.namespace or binding.named.namespace}:{subject.name}" == identity.user
        for subject in binding.subjects or ()
    )


def _bindings(rbac: Rbac) -> tuple[Binding, ...]:
    return (*rbac.objects.cluster_role_bindings, *rbac.objects.role_bindings)


def _named(answers: Iterable[Because]) -> Iterator[str]:
    for answer in answers:
        yield from (str(name) for name in (answer.binding, answer.role, answer.origin) if name)

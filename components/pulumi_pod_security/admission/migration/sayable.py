"""Which of the rights that RBAC gives a `Grant` can say, and why not the others.

A grant is one policy by name, for subjects, in one namespace or everywhere. RBAC says more: rules for every policy
there is or will be, rules by `*`, and roles that take their rules over from others for as long as labels match.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from pulumi_pod_security.admission.rbac.aggregation import HeldRule
from pulumi_pod_security.admission.rbac.because import Because
from pulumi_pod_security.admission.rbac.links import Link
from pulumi_pod_security.admission.rbac.objects import Subject as RbacSubject
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.rules import wildcards
from pulumi_pod_security.errors import InvalidGrant, shown
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.subjects import Subject, group, service_account, user

__all__ = ["Right", "rights", "subject_of"]

_FOR_RULES = ("verbs", "resources")


class Right(NamedTuple):
    """One policy, or every policy, that a binding gives to one of its subjects; and why no grant says it.

    Attributes:
        why: empty when a grant says it.
    """

    because: Because
    why: str


def rights(rbac: Rbac, policies: Collection[str]) -> list[Right]:
    """Every right to use policies, binding by binding.

    Args:
        policies: the names of those that a grant may be of.
    """
    aggregating = {role.named for role in rbac.objects.cluster_roles if role.aggregation_rule}
    found: list[Right] = []
    for link in rbac.links.all:
        for held in rbac.rules[link.role]:
            lasting = "" if link.role not in aggregating else "its rules are those of the roles that it aggregates"
            for name in held.rule.resource_names or (None,):
                because = _because(link, held, name)
                found.append(Right(because, _unruly(held) or lasting or _unsayable(because, policies)))
    return found


def subject_of(found: RbacSubject) -> Subject:
    """The subject of a binding as a grant has it."""
    if found.kind == "ServiceAccount":
        return service_account(found.name, found.namespace)
    return group(found.name) if found.kind == "Group" else user(found.name)


def _because(link: Link, held: HeldRule, policy: str | None) -> Because:
    return Because(
        subject=link.subject,
        policy=policy,
        namespace=link.namespace or None,
        binding=link.binding,
        role=link.role,
        origin=held.origin,
        rule=held.rule,
        index=held.place,
    )


def _unruly(held: HeldRule) -> str:
    fields = [name for name in wildcards(held.rule) if name in _FOR_RULES]
    if fields:
        return f"its rule says '*' in {' and '.join(fields)}"
    return "" if held.rule.resource_names else "its rule names no policies, so that it is for every one, now and later"


def _unsayable(because: Because, policies: Collection[str]) -> str:
    policy = because.policy or ""
    if policy not in policies:
        return f"there is no policy {shown(policy)} to be granted"
    try:
        Grant(policy=policy, subjects=[subject_of(because.subject)], namespace=because.namespace)
    except InvalidGrant as refusal:
        return str(refusal.faults[0])
    return ""

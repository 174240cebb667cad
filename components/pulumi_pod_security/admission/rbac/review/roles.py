"""Roles whose rules say less, or something else, than they seem to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter

from pulumi_pod_security.admission.rbac.aggregation import HeldRule, Selection
from pulumi_pod_security.admission.rbac.objects import ClusterRole, Named, Role, Rule, plain
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.review.pitfall import Pitfall, listed
from pulumi_pod_security.admission.rbac.rules import ALL, API_GROUPS, RESOURCE, VERB, allows_use, api_groups
from pulumi_pod_security.errors import closest, shown

__all__ = ["all_roles", "circles", "means_use", "near_misses", "one_api_group", "overwritten", "unknown_policies"]


_MENDED_GROUPS = {
    "extensions": "it works; add 'extensions' only for servers before Kubernetes 1.16",
    "policy": (
        "the admission plugin asks in both and takes either answer, kubectl auth can-i and others ask in one: "
        f"apiGroups: [{', '.join(API_GROUPS)}]"
    ),
}


def _own_rules(rbac: Rbac) -> Iterator[tuple[Named, HeldRule]]:
    for role in sorted(rbac.rules):
        yield from ((role, held) for held in rbac.rules[role] if held.origin == role)


def unknown_policies(rbac: Rbac, policies: Collection[str]) -> Iterator[Pitfall]:
    """Rules that name policies which do not exist."""
    for role, held in _own_rules(rbac):
        missing = [name for name in held.rule.resource_names or () if name not in policies]
        if missing:
            what = (
                f"allows use of {listed(map(shown, missing))}, which {'is' if len(missing) == 1 else 'are'} not there"
            )
            mend = _existing(missing, policies)
            yield Pitfall(kind="unknown-policy", where=f"{role}: rules[{held.place}]", what=what, mend=mend)


def _existing(missing: list[str], policies: Collection[str]) -> str:
    if ALL in missing:
        return "among resourceNames '*' is a name like any other; without resourceNames a rule is for every policy"
    guess = closest(missing[0], policies)
    return f"did you mean {guess!r}?" if guess else "make the policy, or take its name out of resourceNames"


def one_api_group(rbac: Rbac) -> Iterator[Pitfall]:
    """Rules for policies in one API group that the role does not repeat for the other."""
    for role, held in _own_rules(rbac):
        groups = api_groups(held.rule)
        other = next((group for group in API_GROUPS if group not in groups), None)
        if other and not _covered(held.rule, other, rbac.rules[role]):
            what = f"names API group {groups[0]!r} and not {other!r}"
            yield Pitfall(
                kind="one-api-group", where=f"{role}: rules[{held.place}]", what=what, mend=_MENDED_GROUPS[other]
            )


def _covered(rule: Rule, group: str, rules: tuple[HeldRule, ...]) -> bool:
    others = [held.rule.resource_names for held in rules if group in api_groups(held.rule)]
    if not all(others):
        return True
    names = {name for some in others for name in some or ()}
    return bool(rule.resource_names) and names.issuperset(rule.resource_names or ())


def near_misses(rbac: Rbac) -> Iterator[Pitfall]:
    """Rules that are plainly about the use of policies, and allow it for none."""
    for role in all_roles(rbac):
        for index, rule in enumerate(role.rules or ()):
            if not allows_use(rule) and means_use(rule):
                what = f"looks like a grant of policies and is none: {_spelled(rule)}"
                mend = f"verbs: [{VERB}], resources: [{RESOURCE}], apiGroups: [{', '.join(API_GROUPS)}], in lower case"
                yield Pitfall(kind="grants-nothing", where=f"{role.named}: rules[{index}]", what=what, mend=mend)


def all_roles(rbac: Rbac) -> list[ClusterRole | Role]:
    """Roles of both kinds, by name."""
    roles: tuple[ClusterRole | Role, ...] = (*rbac.objects.cluster_roles, *rbac.objects.roles)
    return sorted(roles, key=lambda found: found.named)


def means_use(rule: Rule) -> bool:
    """Whether the rule is plainly about the use of policies, in whatever spelling."""
    resources = [resource.casefold() for resource in rule.resources or ()]
    return any(verb.casefold().strip() == VERB for verb in rule.verbs or ()) and any(
        "podsecuritypolic" in resource or resource == "psp" for resource in resources
    )


def _spelled(rule: Rule) -> str:
    fields = (("verbs", rule.verbs), ("resources", rule.resources), ("apiGroups", rule.api_groups))
    return ", ".join(f"{name}: [{plain(', '.join(values or ()))}]" for name, values in fields)


def overwritten(rbac: Rbac) -> Iterator[Pitfall]:
    """Rules written beside an `aggregationRule`, which a cluster's controller replaces."""
    for role in sorted(rbac.objects.cluster_roles, key=lambda found: found.named):
        rules = () if role.metadata.uid else tuple(filter(allows_use, role.rules or ()))
        if role.aggregation_rule and rules:
            what = "has rules of its own beside its aggregationRule, and those it selects are written over them"
            mend = "put them into a ClusterRole with labels that the aggregationRule selects"
            yield Pitfall(kind="rules-overwritten", where=str(role.named), what=what, mend=mend)


def circles(rbac: Rbac) -> Iterator[Pitfall]:
    """The first circle of ClusterRoles that aggregate each other."""
    aggregating = [role for role in rbac.objects.cluster_roles if role.aggregation_rule]
    selection = Selection(sorted(aggregating, key=lambda found: found.named))
    edges = {
        role.named: [one.named for one in selection.direct(role) if one.named != role.named] for role in aggregating
    }
    try:
        TopologicalSorter({role: edges[role] for role in sorted(edges)}).prepare()
    except CycleError as error:
        first, *others = dict.fromkeys(error.args[1])
        what = f"aggregates in a circle with {listed(others)}: a rule that any of them ever had, none of them loses"
        mend = "labels that select the roles with the rules, and not each other"
        yield Pitfall(kind="aggregation-circle", where=str(first), what=what, mend=mend)

"""The rules a role really has: its own, and for an aggregated ClusterRole those of the roles it selects.

A controller of the cluster writes the selected rules into the aggregated role, over whatever stood there. So rules
that an API server keeps are counted as they stand, and rules beside an `aggregationRule` in a file are not. The
selected ones are counted in both cases: in a file nobody has written them yet, and a file may bring a role that a
stored one selects. Roles may aggregate each other in a circle; each then has the rules of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from pulumi_pod_security.admission.rbac.objects import ClusterRole, LabelSelector, Named, Role, Rule
from pulumi_pod_security.admission.rbac.rules import allows_use
from pulumi_pod_security.admission.rbac.selectors import selects

__all__ = ["HeldRule", "Selection", "held_rules"]


class HeldRule(NamedTuple):
    """A rule that a role has, the role it comes from and its place there."""

    rule: Rule
    origin: Named
    place: int


def held_rules(cluster_roles: Iterable[ClusterRole], roles: Iterable[Role]) -> dict[Named, tuple[HeldRule, ...]]:
    """For every role that allows `use` of some policy, the rules that do."""
    every = tuple(cluster_roles)
    both: tuple[ClusterRole | Role, ...] = (*every, *roles)
    own = {role.named: _own(role) for role in both}
    selection = Selection(every)
    aggregated = {role.named: _with_selected(role, selection, own) for role in every if role.aggregation_rule}
    return {name: held for name, held in (own | aggregated).items() if held}


def _own(role: ClusterRole | Role) -> tuple[HeldRule, ...]:
    if isinstance(role, ClusterRole) and role.aggregation_rule and not role.metadata.uid:
        return ()
    numbered = enumerate(role.rules or ())
    return tuple(HeldRule(rule, role.named, index) for index, rule in numbered if allows_use(rule))


def _with_selected(
    role: ClusterRole, selection: Selection, own: Mapping[Named, tuple[HeldRule, ...]]
) -> tuple[HeldRule, ...]:
    # What a stored role that aggregates holds are copies: of equal rules the one that was written by hand is named.
    by_hand = sorted(selection.whole(role), key=lambda found: (found.aggregation_rule is not None, found.named))
    held: dict[Rule, HeldRule] = {}
    for name in (*(found.named for found in by_hand), role.named):
        for found in own[name]:
            held.setdefault(found.rule, found)
    return tuple(held.values())


class Selection:
    """Which ClusterRoles the aggregated ones select. Roles with the same selectors are looked up once."""

    def __init__(self, roles: Iterable[ClusterRole]) -> None:
        self._roles = tuple(roles)
        self._direct: dict[object, tuple[ClusterRole, ...]] = {}
        self._whole: dict[object, tuple[ClusterRole, ...]] = {}

    def direct(self, role: ClusterRole) -> tuple[ClusterRole, ...]:
        """The roles whose labels the role's selectors meet, which may be the role itself."""
        key = _key(role)
        if key not in self._direct:
            selectors = _selectors(role)
            self._direct[key] = tuple(
                found for found in self._roles if any(selects(one, found.metadata.labels or {}) for one in selectors)
            )
        return self._direct[key]

    def whole(self, role: ClusterRole) -> tuple[ClusterRole, ...]:
        """The roles that are selected directly, or by one that is; a circle ends where it began."""
        key = _key(role)
        if key not in self._whole:
            self._whole[key] = tuple(self._reached(role))
        return self._whole[key]

    def _reached(self, role: ClusterRole) -> Iterator[ClusterRole]:
        seen: set[Named] = set()
        asked = {_key(role)}
        waiting = [role]
        while waiting:
            for found in self.direct(waiting.pop()):
                if found.named not in seen:
                    seen.add(found.named)
                    yield found
                    if found.aggregation_rule and _key(found) not in asked:
                        asked.add(_key(found))
                        waiting.append(found)


def _selectors(role: ClusterRole) -> tuple[LabelSelector, ...]:
    return (role.aggregation_rule.cluster_role_selectors if role.aggregation_rule else None) or ()


def _key(role: ClusterRole) -> object:
    """The role's selectors as something to look up by; their maps of labels are not."""
    return tuple((tuple((one.match_labels or {}).items()), one.match_expressions or ()) for one in _selectors(role))

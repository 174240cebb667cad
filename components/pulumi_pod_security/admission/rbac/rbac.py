"""Who may use which policy, for pods of which namespace: what RBAC objects say, answered as the authorizer answers.

`system:masters` may do everything: an API server knows this group before it asks RBAC. The admission plugin's own
authorizer of Kubernetes 1.24 lacks that knowledge and follows the ClusterRoleBinding `cluster-admin` instead, which
every API server writes when it starts; the two differ only while that binding is taken away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from pulumi_pod_security.admission.rbac.aggregation import HeldRule, held_rules
from pulumi_pod_security.admission.rbac.because import MASTERS, Because
from pulumi_pod_security.admission.rbac.links import Held, Link, Links, links
from pulumi_pod_security.admission.rbac.objects import Named, Objects, RbacObject, Subject
from pulumi_pod_security.admission.rbac.refusals import GROUP, refusals
from pulumi_pod_security.admission.rbac.rules import reaches
from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.identity import Identity

__all__ = ["Rbac"]

_NONE: frozenset[Named] = frozenset()
_MASTERS = Because(subject=Subject(kind="Group", name=MASTERS, api_group=GROUP), policy=None)


class Rbac:
    """RBAC objects, ready to be asked. The order in which the objects are given changes no answer.

    Attributes:
        objects: those that count: an object which an API server would refuse is left out.
        faults: what could not be read, and why an API server would refuse what was left out.
        rules: of every role that allows `use` of some policy, the rules that do.
        links: what the bindings give of these roles.
    """

    def __init__(self, objects: Objects) -> None:
        refused: list[Fault] = []
        self.objects = _accepted(objects, refused)
        self.faults: tuple[Fault, ...] = (*objects.faults, *refused)
        self.rules: Mapping[Named, tuple[HeldRule, ...]] = held_rules(self.objects.cluster_roles, self.objects.roles)
        bindings = (*self.objects.cluster_role_bindings, *self.objects.role_bindings)
        self.links = Links(links(bindings, self.rules.keys()))
        self._every, self._named = _by_policy(self.rules)

    def may_use(self, identity: Identity, policy: str, namespace: str) -> bool:
        """Whether the identity may use the policy for pods of the namespace; `""` asks for all namespaces at once."""
        return MASTERS in identity.groups or any(self._giving(identity, policy, namespace))

    def because(self, identity: Identity, policy: str, namespace: str) -> Because | None:
        """Why `may_use` says yes, by the first binding that gives the right; None when it says no."""
        if MASTERS in identity.groups:
            return _MASTERS
        giving = self._giving(identity, policy, namespace)
        firsts = (next(link for link in held.links if self.gives(link, policy)) for held in giving)
        first = min(firsts, default=None)
        return self._by_link(first, policy) if first else None

    def who_can(self, policy: str) -> tuple[Because, ...]:
        """Everyone who may use the policy, those who may do so everywhere first, then by namespace and binding."""
        giving = (self._by_link(link, policy) for link in self.links.all if self.gives(link, policy))
        return (_MASTERS, *giving)

    def can(self, identity: Identity) -> tuple[Because, ...]:
        """Every policy that the identity may use, each with where and why, in the order of `who_can`."""
        by_bindings = (because for link in self.links.of(identity) for because in self._by_rules(link))
        return (*((_MASTERS,) if MASTERS in identity.groups else ()), *by_bindings)

    def gives(self, link: Link, policy: str) -> bool:
        """Whether the link gives the policy."""
        return link.role in self._every or link.role in self._named.get(policy, _NONE)

    def _giving(self, identity: Identity, policy: str, namespace: str) -> Iterator[Held]:
        """What the identity holds, by the user or by one of the groups that it is, that gives the policy."""
        named = self._named.get(policy, _NONE)
        for scope in ("", namespace):
            for held in self.links.held(identity, scope):
                if not (named.isdisjoint(held.roles) and self._every.isdisjoint(held.roles)):
                    yield held

    def _by_link(self, link: Link, policy: str) -> Because:
        held = next(held for held in self.rules[link.role] if reaches(held.rule, policy))
        return _because(link, held, policy)

    def _by_rules(self, link: Link) -> Iterator[Because]:
        """The policies that one link gives: every one, or those its rules name."""
        rules = self.rules[link.role]
        for held in rules:
            if not held.rule.resource_names:
                yield _because(link, held, None)
                return
        first = {policy: held for held in reversed(rules) for policy in held.rule.resource_names or ()}
        for policy in sorted(first):
            yield _because(link, first[policy], policy)


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


def _by_policy(rules: Mapping[Named, Iterable[HeldRule]]) -> tuple[frozenset[Named], Mapping[str, frozenset[Named]]]:
    """The roles that give every policy, and by policy those that give it by name."""
    every: set[Named] = set()
    named: dict[str, set[Named]] = defaultdict(set)
    for role, held in rules.items():
        for names in (one.rule.resource_names for one in held):
            if not names:
                every.add(role)
            for name in names or ():
                named[name].add(role)
    return frozenset(every), {name: frozenset(roles) for name, roles in named.items()}


def _accepted(objects: Objects, refused: list[Fault]) -> Objects:
    def sound(found: RbacObject) -> bool:
        faults = tuple(refusals(found))
        refused.extend(faults)
        return not faults

    return Objects(
        cluster_roles=tuple(filter(sound, objects.cluster_roles)),
        roles=tuple(filter(sound, objects.roles)),
        role_bindings=tuple(filter(sound, objects.role_bindings)),
        cluster_role_bindings=tuple(filter(sound, objects.cluster_role_bindings)),
    )

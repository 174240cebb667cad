"""Bindings taken apart: which subject holds which role, and where, ready to be looked up by an identity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec

from pulumi_pod_security.admission.rbac.objects import Binding, Named, Subject
from pulumi_pod_security.policy.identity import Identity

__all__ = ["Held", "Link", "Links", "links", "role_of"]


class Link(NamedTuple):
    """A role that a binding gives to one of its subjects; in one namespace, or everywhere when that is empty."""

    order: int
    namespace: str
    subject: Subject
    binding: Named
    role: Named


def role_of(binding: Binding) -> Named:
    """The role that the binding refers to: a Role is looked for in the binding's own namespace."""
    kind, name = binding.role_ref.kind, binding.role_ref.name
    return Named(kind, name, binding.named.namespace if kind == "Role" else "")


def links(bindings: Iterable[Binding], roles: Collection[Named]) -> Iterator[Link]:
    """What the bindings give of these roles: everywhere first, then by namespace and by the binding's name."""
    relevant = (binding for binding in bindings if role_of(binding) in roles)
    order = 0
    for binding in sorted(relevant, key=lambda found: (found.named.namespace, found.named.name)):
        name, role = binding.named, role_of(binding)
        for subject in binding.subjects or ():
            yield Link(order, name.namespace, _placed(subject, name.namespace), name, role)
            order += 1


def _placed(subject: Subject, namespace: str) -> Subject:
    """The subject with the binding's namespace, where a service account names none."""
    if subject.kind != "ServiceAccount" or subject.namespace:
        return subject
    return msgspec.structs.replace(subject, namespace=namespace)


class Held(NamedTuple):
    """What one user or one group holds in one place: the links, and the roles they give."""

    links: tuple[Link, ...]
    roles: frozenset[Named]


class Links:
    """The links, to be looked up by who asks and where."""

    def __init__(self, found: Iterable[Link]) -> None:
        self.all = tuple(found)
        lists: dict[tuple[str, str, str], list[Link]] = defaultdict(list)
        for link in self.all:
            lists[(link.namespace, *_holder(link.subject))].append(link)
        self._users: dict[str, dict[str, Held]] = defaultdict(dict)
        self._groups: dict[str, dict[str, Held]] = defaultdict(dict)
        for (namespace, kind, name), held in lists.items():
            table = self._groups if kind == "Group" else self._users
            table[namespace][name] = Held(tuple(held), frozenset(link.role for link in held))
        self._namespaces = sorted({link.namespace for link in self.all})

    def held(self, identity: Identity, namespace: str) -> Iterator[Held]:
        """What the identity holds for a namespace by bindings of this namespace alone; `""` is the cluster's."""
        if (users := self._users.get(namespace)) and identity.user in users:
            yield users[identity.user]
        if groups := self._groups.get(namespace):
            for group in identity.groups & groups.keys():
                yield groups[group]

    def of(self, identity: Identity) -> list[Link]:
        """Everything the identity holds, anywhere, in order."""
        held = (held for namespace in self._namespaces for held in self.held(identity, namespace))
        return sorted(link for one in held for link in one.links)


def _holder(subject: Subject) -> tuple[str, str]:
    """Whom the authorizer takes for the subject: a service account is the user it logs in as."""
    if subject.kind == "ServiceAccount":
        return "User", f"system:serviceaccount:{subject.namespace}:{subject.name}"
    return subject.kind, subject.name

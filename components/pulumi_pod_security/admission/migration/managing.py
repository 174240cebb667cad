"""Who manages policies today: those whom a binding lets create, read, change and delete all of them.

Rights by `*` among the resources are those of a cluster's administrators, who need no binding of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from pulumi_pod_security.admission.rbac.links import role_of
from pulumi_pod_security.admission.rbac.objects import ClusterRole, Named, Rule
from pulumi_pod_security.admission.rbac.objects import Subject as RbacSubject
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.rules import ALL, RESOURCE, api_groups

__all__ = ["Manager", "managers"]

_VERBS = ("create", "delete", "get", "list", "patch", "update")
"""What the role of a baseline's admins gives."""
_CHANGING = frozenset({"create", "delete", "deletecollection", "patch", "update"})


class Manager(NamedTuple):
    """Somebody whom a binding lets change policies.

    Attributes:
        lacking: what an admin may do besides; empty for one who may do all of it.
    """

    subject: RbacSubject
    binding: Named
    role: Named
    lacking: tuple[str, ...]


def managers(rbac: Rbac) -> Iterator[Manager]:
    """Everyone by binding. Policies have no namespace, so that a RoleBinding lets nobody change any."""
    roles = {role.named: _verbs(role) for role in rbac.objects.cluster_roles}
    for binding in sorted(rbac.objects.cluster_role_bindings, key=lambda found: found.named):
        verbs = roles.get(role_of(binding), frozenset())
        if ALL in verbs or not _CHANGING.isdisjoint(verbs):
            lacking = () if ALL in verbs else tuple(verb for verb in _VERBS if verb not in verbs)
            for subject in binding.subjects or ():
                yield Manager(subject, binding.named, role_of(binding), lacking)


def _verbs(role: ClusterRole) -> frozenset[str]:
    """What the role's own rules let do with all policies."""
    rules = () if role.aggregation_rule else role.rules or ()
    return frozenset(verb for rule in rules if _manages(rule) for verb in rule.verbs or ())


def _manages(rule: Rule) -> bool:
    return RESOURCE in (rule.resources or ()) and bool(api_groups(rule)) and not rule.resource_names

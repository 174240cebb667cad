"""The names of the roles and bindings that grants become: those of today where they say the same, else free ones.

A binding cannot be given another role, and an applied role loses the rules that are not in it. So a name of today is
kept only by a binding that a single grant says whole, of a ClusterRole that gives this one policy and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from pulumi_pod_security.admission.rbac.objects import ClusterRole, Named
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.rbac.rules import API_GROUPS, RESOURCE, VERB
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.naming import ADMIN_ROLE, role_name

__all__ = ["Names"]


@dataclass(kw_only=True)
class Names:
    """Hands out names, none of them twice and none that something else has."""

    rbac: Rbac
    _roles: dict[str, str] = field(default_factory=dict)
    _bindings: set[tuple[str | None, str]] = field(default_factory=set)

    def keeps(self, policy: str, binding: Named, role: Named) -> bool:
        """Whether a grant of the policy may go by these names; then it does."""
        # The role of a baseline's admins has this name.
        if role.kind != "ClusterRole" or role.name == ADMIN_ROLE or not self._is_plain(policy, role):
            return False
        self._roles[role.name] = policy
        self._bindings.add((binding.namespace or None, binding.name))
        return True

    def named(self, grant: Grant) -> Grant:
        """The grant by names that are free."""
        role = self._role(grant.policy)
        grant = replace(grant, role=None if role == role_name(grant.policy) else role)
        name = grant.binding_name
        binding = self._free_binding(grant.namespace, name)
        return replace(grant, binding=None if binding == name else binding)

    def _is_plain(self, policy: str, role: Named) -> bool:
        found = next((one for one in self.rbac.objects.cluster_roles if one.named == role), None)
        return found is not None and not found.aggregation_rule and _gives_only(policy, found)

    def _role(self, policy: str) -> str:
        known = next((name for name, owner in self._roles.items() if owner == policy), None)
        taken = {role.metadata.name for role in self.rbac.objects.cluster_roles} | self._roles.keys()
        name = known or _free(role_name(policy), taken)
        self._roles[name] = policy
        return name

    def _free_binding(self, namespace: str | None, name: str) -> str:
        objects = self.rbac.objects
        every: Sequence[Named] = [found.named for found in (*objects.cluster_role_bindings, *objects.role_bindings)]
        taken = {found.name for found in every if (found.namespace or None) == namespace}
        taken |= {found for place, found in self._bindings if place == namespace}
        free = _free(name, taken)
        self._bindings.add((namespace, free))
        return free


def _gives_only(policy: str, role: ClusterRole) -> bool:
    rules = role.rules or ()
    return bool(rules) and all(
        rule.verbs == (VERB,)
        and rule.resources == (RESOURCE,)
        and set(rule.api_groups or ()) <= set(API_GROUPS)
        and rule.resource_names == (policy,)
        and not rule.non_resource_urls
        for rule in rules
    )


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}:{number}" for number in count(2))
    return name if name not in taken else next(other for other in numbered if other not in taken)

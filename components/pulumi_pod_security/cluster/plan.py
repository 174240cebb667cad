"""What a run of preflight holds the cluster against, and how it refers to the objects of a baseline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = [
    "Plan",
    "binding_reference",
    "collection_of",
    "path_of",
    "policy_reference",
    "rebound",
    "reference",
    "role_reference",
]

_RBAC = "rbac.authorization.k8s.io/v1"
_COLLECTIONS = {
    "PodSecurityPolicy": ("policy/v1beta1", "podsecuritypolicies"),
    "ClusterRole": (_RBAC, "clusterroles"),
    "ClusterRoleBinding": (_RBAC, "clusterrolebindings"),
    "RoleBinding": (_RBAC, "rolebindings"),
}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run of preflight holds the cluster against.

    A reference is `Kind/name`, or `Kind/namespace/name`.

    Attributes:
        policies: the baseline's policies by name.
        grants: the baseline's grants.
        pending: references of the policies, roles and bindings that this update is about to create or change.
        created: those of them that this update is about to create.
        replaced: those of `created` that the last update left in place: should they still be there, this update would
            delete them and make them anew.
        withdrawn: grants of the last update that this one no longer makes.
        removed: names of policies of the last update that this one no longer declares.
        leaving: references of objects outside of the baseline that go once it is in force: a provider's defaults.
        enforcement: what holds pods to the policies; only under `psp` are they objects, which a server could lack.
        mutates: whether what the policies write into pods is written.
        exemptions: pods that nobody judges, by the names of `targets.cel`.
    """

    policies: Mapping[str, PodSecurityPolicy]
    grants: tuple[Grant, ...]
    pending: frozenset[str] = frozenset()
    created: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    withdrawn: tuple[Grant, ...] = ()
    removed: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    enforcement: str = PSP
    mutates: bool = True
    exemptions: frozenset[str] = frozenset()

    @property
    def gone(self) -> frozenset[str]:
        """Names of the policies that are there now and will not be."""
        policies = (found.partition("/") for found in self.leaving)
        return self.removed.union(name for kind, _, name in policies if kind == "PodSecurityPolicy")

    def awaits(self, grant: Grant) -> bool:
        """Whether `grant` comes into force only by this update."""
        needed = (policy_reference(grant.policy), role_reference(grant), binding_reference(grant))
        return not self.pending.isdisjoint(needed)


def reference(manifest: Mapping[str, Any]) -> str:
    """How a plan refers to the object that a manifest says."""
    metadata = manifest["metadata"]
    return "/".join(filter(None, (manifest["kind"], metadata.get("namespace"), metadata["name"])))


def policy_reference(name: str) -> str:
    """How a plan refers to a policy."""
    return f"PodSecurityPolicy/{name}"


def role_reference(grant: Grant) -> str:
    """How a plan refers to the role of a grant."""
    return f"ClusterRole/{grant.role_name}"


def binding_reference(grant: Grant) -> str:
    """How a plan refers to the binding of a grant."""
    if grant.namespace is None:
        return f"ClusterRoleBinding/{grant.binding_name}"
    return f"RoleBinding/{grant.namespace}/{grant.binding_name}"


def path_of(object_reference: str) -> str:
    """Where the API server keeps what a reference means."""
    return f"{collection_of(object_reference)}/{quote(object_reference.rpartition('/')[2], safe='')}"


def collection_of(object_reference: str) -> str:
    """Where the API server takes new objects of the kind and namespace of a reference."""
    kind, *namespace, _ = object_reference.split("/")
    group, resource = _COLLECTIONS[kind]
    scope = f"namespaces/{quote(namespace[0], safe='')}/" if namespace else ""
    return f"/apis/{group}/{scope}{resource}"


def rebound(before: Iterable[Grant], after: Iterable[Grant]) -> list[Grant]:
    """The grants whose binding keeps its name and changes its role, which RBAC allows no update to do (v1.24)."""
    roles = {binding_reference(grant): grant.role_name for grant in before}
    return [grant for grant in after if roles.get(binding_reference(grant), grant.role_name) != grant.role_name]

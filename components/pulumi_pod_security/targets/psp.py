"""Policies and grants as the objects that PodSecurityPolicy reads: policies, cluster roles and bindings.

One ClusterRole for each granted policy, a RoleBinding for each grant with a namespace, a ClusterRoleBinding for each
without. Roles name both API groups that ever held policies, because the admission plugin asks for one and then the
other (`authorizedForPolicy` in plugin/pkg/admission/security/podsecuritypolicy/admission.go, kubernetes v1.24.17).
Those who manage policies get the role `psp-admin`: no `watch`, which changing and reading policies do not take, and no
`use`, which is what grants are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.policy.baseline import check
from pulumi_pod_security.policy.grants import Grant, Subject
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.naming import ADMIN_ROLE, admin_binding_name

__all__ = ["API_GROUPS", "Manifest", "PspManifests", "psp_manifests"]

Manifest = dict[str, Any]

API_GROUPS = ("policy", "extensions")

_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True)
class PspManifests:
    """The manifests, in the order in which they must exist: policies, then roles, then what binds them."""

    policies: tuple[Manifest, ...]
    roles: tuple[Manifest, ...]
    bindings: tuple[Manifest, ...]

    def __iter__(self) -> Iterator[Manifest]:
        """Every manifest, in that order."""
        yield from self.policies
        yield from self.roles
        yield from self.bindings


def psp_manifests(
    policies: Sequence[PodSecurityPolicy],
    grants: Sequence[Grant],
    admins: Sequence[Subject] = (),
    *,
    api_groups: Sequence[str] = API_GROUPS,
) -> PspManifests:
    """The manifests of a baseline, in the order its parts were given.

    Args:
        admins: who may create, read, change and delete policies, each by a binding of its own.
        api_groups: the groups that roles name; `policy` alone is enough from Kubernetes 1.16 on.

    Raises:
        InvalidBaseline: when the parts do not fit together.
    """
    check(policies, grants, admins)
    granted = {grant.role_name: grant.policy for grant in grants}
    roles = [_use_role(name, policy, api_groups) for name, policy in granted.items()]
    admin_bindings = [_admin_binding(admin.within(None)) for admin in admins]
    return PspManifests(
        policies=tuple(policy.to_manifest() for policy in policies),
        roles=(*roles, _admin_role(api_groups)) if admins else tuple(roles),
        bindings=(*map(_grant_binding, grants), *admin_bindings),
    )


def _use_role(name: str, policy: str, api_groups: Sequence[str]) -> Manifest:
    rules = [
        {"apiGroups": [group], "resources": ["podsecuritypolicies"], "verbs": ["use"], "resourceNames": [policy]}
        for group in api_groups
    ]
    return _rbac("ClusterRole", {"name": name}, rules=rules)


def _admin_role(api_groups: Sequence[str]) -> Manifest:
    verbs = ["create", "delete", "get", "list", "patch", "update"]
    rules = [{"apiGroups": [group], "resources": ["podsecuritypolicies"], "verbs": [*verbs]} for group in api_groups]
    return _rbac("ClusterRole", {"name": ADMIN_ROLE}, rules=rules)


def _grant_binding(grant: Grant) -> Manifest:
    subjects = [subject.to_manifest() for subject in grant.subjects]
    if grant.namespace is None:
        return _binding("ClusterRoleBinding", {"name": grant.binding_name}, grant.role_name, subjects)
    metadata = {"name": grant.binding_name, "namespace": grant.namespace}
    return _binding("RoleBinding", metadata, grant.role_name, subjects)


def _admin_binding(admin: Subject) -> Manifest:
    metadata = {"name": admin_binding_name(admin)}
    return _binding("ClusterRoleBinding", metadata, ADMIN_ROLE, [admin.to_manifest()])


def _binding(kind: str, metadata: Manifest, role: str, subjects: list[Manifest]) -> Manifest:
    return _rbac(kind, metadata, roleRef={"apiGroup": _RBAC, "kind": "ClusterRole", "name": role}, subjects=subjects)


def _rbac(kind: str, metadata: Manifest, **content: Any) -> Manifest:
    return {"apiVersion": f"{_RBAC}/v1", "kind": kind, "metadata": metadata, **content}

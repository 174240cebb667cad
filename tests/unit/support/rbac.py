"""RBAC manifests made from as few words as a test needs."""

from __future__ import annotations

from typing import Any

from pulumi_pod_security.admission.rbac import Rbac, read
from pulumi_pod_security.policy.identity import Identity

__all__ = [
    "JANE",
    "account",
    "aggregated",
    "binding",
    "group",
    "identity",
    "rbac",
    "role",
    "rule",
    "user",
]

Object = dict[str, Any]
_API = "rbac.authorization.k8s.io"


def rule(*policies: str, **fields: Any) -> Object:
    """A rule that allows `use` of the policies, in both API groups; of every policy when none is named."""
    names = {"resourceNames": list(policies)} if policies else {}
    groups = ["policy", "extensions"]
    return {"apiGroups": groups, "resources": ["podsecuritypolicies"], "verbs": ["use"], **names, **fields}


def role(name: str, *rules: Object, namespace: str = "", **metadata: Any) -> Object:
    """A ClusterRole, or with a namespace a Role."""
    placed = {"namespace": namespace} if namespace else {}
    kind = "Role" if namespace else "ClusterRole"
    return {
        "apiVersion": f"{_API}/v1",
        "kind": kind,
        "metadata": {"name": name, **placed, **metadata},
        "rules": list(rules),
    }


def aggregated(name: str, *selectors: Object, rules: Any = (), **metadata: Any) -> Object:
    """A ClusterRole that aggregates."""
    return {**role(name, *rules, **metadata), "aggregationRule": {"clusterRoleSelectors": list(selectors)}}


def binding(name: str, role_name: str, *subjects: Object, namespace: str = "", kind: str = "ClusterRole") -> Object:
    """A ClusterRoleBinding, or with a namespace a RoleBinding."""
    placed = {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": f"{_API}/v1",
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"name": name, **placed},
        "roleRef": {"apiGroup": _API, "kind": kind, "name": role_name},
        "subjects": list(subjects),
    }


def user(name: str, **more: Any) -> Object:
    """A subject."""
    return {"apiGroup": _API, "kind": "User", "name": name, **more}


def group(name: str) -> Object:
    """A subject."""
    return {"apiGroup": _API, "kind": "Group", "name": name}


def account(name: str, namespace: str = "") -> Object:
    """A subject; without a namespace it is to have the binding's."""
    return {"kind": "ServiceAccount", "name": name, **({"namespace": namespace} if namespace else {})}


def identity(name: str, *groups: str) -> Identity:
    """Who asks."""
    return Identity(user=name, groups=frozenset(groups))


def rbac(*manifests: object) -> Rbac:
    """What the manifests say, each known by its place."""
    return Rbac(read((f"[{index}]", manifest) for index, manifest in enumerate(manifests)))


JANE = identity("jane", "devs")

"""Policies, and the RBAC objects that grant them, as files have them."""

from __future__ import annotations

from typing import Any

from pulumi_pod_security.policy import presets

__all__ = ["AUTHENTICATED", "DEFAULT", "PRIVILEGED", "grant"]

DEFAULT: dict[str, Any] = presets.default().to_manifest()
PRIVILEGED: dict[str, Any] = presets.privileged().to_manifest()
AUTHENTICATED = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:authenticated"}


def grant(policy: str, *subjects: dict[str, Any], namespace: str | None = None) -> list[dict[str, Any]]:
    """A role that names the policy, and the binding that gives it; in one namespace, or everywhere."""
    api = "rbac.authorization.k8s.io"
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    place = {"namespace": namespace} if namespace else {}
    use = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "resourceNames": [policy], "verbs": ["use"]}
    return [
        {"apiVersion": f"{api}/v1", "kind": "ClusterRole", "metadata": {"name": policy}, "rules": [use]},
        {
            "apiVersion": f"{api}/v1",
            "kind": kind,
            "metadata": {"name": policy, **place},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": policy},
            "subjects": list(subjects or [AUTHENTICATED]),
        },
    ]

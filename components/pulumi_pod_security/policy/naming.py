"""The names RBAC knows roles and bindings by, when the user gives none.

A role is `privileged-psp` or `default-psp` for those two policies and `psp:<policy>` for any other. A binding to
everyone is `psp:any:<policy>`, and `default-psp` for `default`. Any other binding is the role's name and its first
subject, joined by '-' to the former two and by ':' to the others: `privileged-psp-nodes`, `psp:example:app:app-test`.
RBAC allows no '/' and '%' in names; those of users and groups turn into '-'.
"""

from __future__ import annotations

from pulumi_pod_security.policy.subjects import Subject, authenticated, nodes

__all__ = ["ADMIN_ROLE", "admin_binding_name", "binding_name", "role_name"]

ADMIN_ROLE = "psp-admin"

_KNOWN_ROLES = {"privileged": "privileged-psp", "default": "default-psp"}
_NAMEABLE = str.maketrans("/%", "--")


def role_name(policy: str) -> str:
    """The ClusterRole that carries the right to use the policy."""
    return _KNOWN_ROLES.get(policy, f"psp:{policy}")


def binding_name(policy: str, subject: Subject) -> str:
    """The binding of that role to a grant's subjects, of which this is the first."""
    if subject == authenticated():
        return "default-psp" if policy == "default" else f"psp:any:{policy}"
    return role_name(policy) + ("-" if policy in _KNOWN_ROLES else ":") + _label(subject)


def admin_binding_name(subject: Subject) -> str:
    """The binding of the role of those who manage policies to one of them."""
    return f"{ADMIN_ROLE}:{_label(subject)}"


def _label(subject: Subject) -> str:
    if subject.kind == "ServiceAccount":
        return f"{subject.name}:{subject.namespace}"
    if subject == nodes():
        return "nodes"
    if subject.kind == "Group" and f"{subject.name}:".startswith("system:serviceaccounts:"):
        return subject.name.removeprefix("system:")
    name = subject.name.translate(_NAMEABLE)
    return f"group:{name}" if subject.kind == "Group" else name

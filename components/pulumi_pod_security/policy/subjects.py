"""Whom a policy is granted to: RBAC subjects, the identities they match, and what is wrong with one.

Making a subject judges nothing; a `Grant` judges its subjects, so that all of them are judged at once.
Kinds and names: `ValidateRoleBindingSubject` in pkg/apis/rbac/validation/validation.go, kubernetes v1.24.17.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.syntax import DNS_LABEL, DNS_SUBDOMAIN

__all__ = [
    "Subject",
    "authenticated",
    "group",
    "nodes",
    "service_account",
    "service_accounts",
    "subject_faults",
    "user",
]

SubjectKind = Literal["User", "Group", "ServiceAccount", "ServiceAccounts"]

_RBAC = "rbac.authorization.k8s.io"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A user, a group, a service account, or all service accounts of the grant's namespace (`ServiceAccounts`).

    The first three are RBAC's own. A service account without a namespace is one of the grant's namespace.
    """

    kind: SubjectKind
    name: str = ""
    namespace: str | None = None

    def __str__(self) -> str:
        owner = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {owner}{self.name}"

    def within(self, namespace: str | None) -> Subject:
        """The RBAC subject that this one is in a grant for that namespace; `None` is a cluster-wide grant."""
        if self.kind == "ServiceAccounts":
            return service_accounts(namespace) if namespace else group("system:serviceaccounts")
        if self.kind == "ServiceAccount" and self.namespace is None:
            return service_account(self.name, namespace)
        return self

    def matches(self, identity: Identity) -> bool:
        """Whether RBAC takes the identity for this subject.

        `appliesToUser` in pkg/registry/rbac/validation/rule.go, kubernetes v1.24.17.
        """
        if self.kind == "Group":
            return self.name in identity.groups
        if self.kind == "User":
            return self.name == identity.user
        return identity.user == f"system:serviceaccount:{self.namespace}:{self.name}"

    def to_manifest(self) -> dict[str, Any]:
        """The subject as an RBAC binding lists it."""
        if self.kind == "ServiceAccount":
            return {"kind": self.kind, "name": self.name, "namespace": self.namespace}
        return {"kind": self.kind, "apiGroup": _RBAC, "name": self.name}


def service_account(name: str, namespace: str | None = None) -> Subject:
    """One service account; without a namespace, the grant's."""
    return Subject(kind="ServiceAccount", name=name, namespace=namespace)


def service_accounts(namespace: str | None = None) -> Subject:
    """Every service account of a namespace; without one, of the grant's, or of all in a cluster-wide grant."""
    if namespace is None:
        return Subject(kind="ServiceAccounts")
    return group(f"system:serviceaccounts:{namespace}")


def user(name: str) -> Subject:
    """A user, by the name the cluster's authenticator gives."""
    return Subject(kind="User", name=name)


def group(name: str, namespace: str | None = None) -> Subject:
    """A group, by the name the cluster's authenticator gives. It has no namespace, and a grant says so."""
    return Subject(kind="Group", name=name, namespace=namespace)


def authenticated() -> Subject:
    """Everyone who logs in, service accounts included."""
    return group("system:authenticated")


def nodes() -> Subject:
    """Every node's kubelet, which makes the mirror pods of static pods."""
    return group("system:nodes")


def subject_faults(subject: object, path: str, namespace: object) -> Iterator[Fault]:
    """What is wrong with a subject in a grant for that namespace, and what to write instead."""
    if not isinstance(subject, Subject) or subject.kind not in get_args(SubjectKind):
        allowed = "a subject: nodes(), authenticated(), user('jane'), group('devs'), service_account('cart', 'shop')"
        yield Fault(path=path, value=subject, allowed=allowed)
    elif subject.kind == "ServiceAccount":
        yield from _account_faults(subject, path, namespace)
    elif subject.kind != "ServiceAccounts":
        yield from _namespace_faults(subject, path)
        yield from _name_faults(subject, path)


def _account_faults(subject: Subject, path: str, namespace: object) -> Iterator[Fault]:
    if not isinstance(subject.name, str) or not DNS_SUBDOMAIN.admits(subject.name):
        yield Fault(path=f"{path}.name", value=subject.name, allowed=DNS_SUBDOMAIN.allowed)
    if subject.namespace is None and namespace is None:
        allowed = (
            f"the account's namespace, service_account({subject.name!r}, 'NAMESPACE') or "
            f"'serviceaccount:NAMESPACE/{subject.name}': a cluster-wide grant has none to lend"
        )
        yield Fault(path=f"{path}.namespace", value=None, allowed=allowed)
    elif subject.namespace is not None and not _is_namespace(subject.namespace):
        yield Fault(path=f"{path}.namespace", value=subject.namespace, allowed=DNS_LABEL.allowed)


def _namespace_faults(subject: Subject, path: str) -> Iterator[Fault]:
    if subject.namespace is not None:
        allowed = (
            f"no namespace on a {subject.kind.lower()}; to grant in one namespace only, put it on the grant: "
            f"Grant(..., namespace={subject.namespace!r})"
        )
        yield Fault(path=f"{path}.namespace", value=subject.namespace, allowed=allowed)


def _name_faults(subject: Subject, path: str) -> Iterator[Fault]:
    if not isinstance(subject.name, str) or not subject.name.strip():
        allowed = f"the {subject.kind.lower()}'s name, as the cluster's authenticator gives it"
        yield Fault(path=f"{path}.name", value=subject.name, allowed=allowed)
        return
    instead = _instead_of_user(subject.name) if subject.kind == "User" else _instead_of_group(subject.name)
    if instead:
        yield Fault(path=f"{path}.name", value=subject.name, allowed=instead)


def _instead_of_user(name: str) -> str:
    parts = name.split(":")
    if name == "*":
        return "a user's name; authenticated() is everyone"
    if parts[:2] == ["system", "serviceaccount"] and (len(parts) != 4 or not all(parts)):
        return "a service account as service_account('NAME', 'NAMESPACE')"
    if parts[0] == "system" and parts[1:2] and parts[1] in _SYSTEM_GROUPS:
        return f"a user; this is the name of a group: {_SYSTEM_GROUPS[parts[1]]}"
    return ""


_SYSTEM_GROUPS = {
    "authenticated": "authenticated()",
    "masters": "group('system:masters')",
    "nodes": "nodes()",
    "serviceaccounts": "service_accounts('NAMESPACE')",
    "unauthenticated": "group('system:unauthenticated')",
}


def _instead_of_group(name: str) -> str:
    parts = name.split(":")
    if parts[:2] == ["system", "authenticated"] and len(parts) > 2:
        return (
            f"authenticated() in a grant with namespace={':'.join(parts[2:])!r}; groups of one namespace's "
            "authenticated users are known to Mirantis Kubernetes Engine alone"
        )
    if parts[:2] == ["system", "serviceaccounts"] and len(parts) > 2 and not _is_namespace(":".join(parts[2:])):
        return f"service_accounts('NAMESPACE'), its namespace {DNS_LABEL.allowed}"
    if parts[:2] == ["system", "serviceaccount"]:
        return "a group; this is the name of one account: service_account('NAME', 'NAMESPACE')"
    return f"a group; this is the name of one node: user({name!r})" if parts[:2] == ["system", "node"] else ""


def _is_namespace(name: object) -> bool:
    return isinstance(name, str) and DNS_LABEL.admits(name)

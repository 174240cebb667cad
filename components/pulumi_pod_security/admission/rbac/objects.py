"""The four kinds of rbac.authorization.k8s.io/v1, as far as the authorizer of Kubernetes 1.24 reads them.

A list may be null, because the API server itself writes an empty list so. What an API server keeps has a `uid`; what
stands in a file has none, and that is how both are told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from pulumi_pod_security.errors import Fault, shown

__all__ = [
    "AggregationRule",
    "Binding",
    "ClusterRole",
    "ClusterRoleBinding",
    "LabelSelector",
    "Metadata",
    "Named",
    "Objects",
    "RbacObject",
    "Requirement",
    "Role",
    "RoleBinding",
    "RoleRef",
    "Rule",
    "Subject",
    "plain",
]


_LONGEST_PLAIN = 253


def plain(text: str) -> str:
    """The text as it may be shown: RBAC takes names of any characters and any length."""
    return text if text.isprintable() and len(text) <= _LONGEST_PLAIN else shown(text)


class Named(NamedTuple):
    """The kind and the name of an object; no namespace where its kind has none."""

    kind: str
    name: str
    namespace: str = ""

    def __str__(self) -> str:
        place = f"{plain(self.namespace)}/" if self.namespace else ""
        return f"{plain(self.kind)} {place}{plain(self.name)}"


class Metadata(msgspec.Struct, frozen=True):
    """The part of ObjectMeta that decides something here."""

    name: str = ""
    namespace: str | None = None
    uid: str | None = None
    labels: dict[str, str | None] | None = None


class Rule(msgspec.Struct, frozen=True, rename="camel"):
    """A PolicyRule: these verbs on these resources of these API groups; without resource names, on all of them."""

    verbs: tuple[str, ...] | None = None
    api_groups: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = None
    resource_names: tuple[str, ...] | None = None
    non_resource_urls: tuple[str, ...] | None = msgspec.field(default=None, name="nonResourceURLs")


class Requirement(msgspec.Struct, frozen=True):
    """One of `matchExpressions`: a label key and what its value must be."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] | None = None


class LabelSelector(msgspec.Struct, frozen=True, rename="camel"):
    """Labels that must all be there; without any, every object is selected."""

    match_labels: dict[str, str | None] | None = None
    match_expressions: tuple[Requirement, ...] | None = None


class AggregationRule(msgspec.Struct, frozen=True, rename="camel"):
    """The ClusterRoles whose rules a ClusterRole takes over."""

    cluster_role_selectors: tuple[LabelSelector, ...] | None = None


class RoleRef(msgspec.Struct, frozen=True, rename="camel"):
    """The role that a binding gives."""

    kind: str = ""
    name: str = ""
    api_group: str | None = None


class Subject(msgspec.Struct, frozen=True, rename="camel"):
    """A User, a Group or a ServiceAccount."""

    kind: str = ""
    name: str = ""
    namespace: str | None = None
    api_group: str | None = None

    def __str__(self) -> str:
        kind = "service account" if self.kind == "ServiceAccount" else plain(self.kind).lower()
        place = f"{plain(self.namespace)}/" if self.kind == "ServiceAccount" and self.namespace else ""
        return f"{kind} {place}{plain(self.name)}"


class RbacObject(msgspec.Struct, frozen=True):
    """What the four kinds have in common."""

    metadata: Metadata

    @property
    def named(self) -> Named:
        """The object's kind, name and namespace; an object of the whole cluster has none, whatever was written."""
        namespace = "" if type(self).__name__.startswith("Cluster") else self.metadata.namespace or ""
        return Named(type(self).__name__, self.metadata.name, namespace)


class Role(RbacObject, frozen=True):
    """Rules for one namespace."""

    rules: tuple[Rule, ...] | None = None


class ClusterRole(RbacObject, frozen=True, rename="camel"):
    """Rules for the whole cluster, or for the namespace of the RoleBinding that refers to them."""

    rules: tuple[Rule, ...] | None = None
    aggregation_rule: AggregationRule | None = None


class Binding(RbacObject, frozen=True, rename="camel"):
    """A role given to subjects."""

    role_ref: RoleRef
    subjects: tuple[Subject, ...] | None = None


class RoleBinding(Binding, frozen=True):
    """A Role or a ClusterRole given in one namespace."""


class ClusterRoleBinding(Binding, frozen=True):
    """A ClusterRole given everywhere."""


@dataclass(frozen=True, kw_only=True)
class Objects:
    """The RBAC objects of a cluster or of some files; `faults` are those that could not be read."""

    cluster_roles: tuple[ClusterRole, ...] = ()
    roles: tuple[Role, ...] = ()
    role_bindings: tuple[RoleBinding, ...] = ()
    cluster_role_bindings: tuple[ClusterRoleBinding, ...] = ()
    faults: tuple[Fault, ...] = ()

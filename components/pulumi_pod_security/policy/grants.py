"""A policy granted to subjects, in one namespace or in the whole cluster.

`naming` says by which names RBAC knows a grant. What only shows when grants and policies stand side by side, such as
a grant of a policy that is not there, is the matter of `baseline`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.errors import Fault, InvalidGrant, shown
from pulumi_pod_security.policy import naming
from pulumi_pod_security.policy.frozen import Part
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import (
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    subject_faults,
    user,
)
from pulumi_pod_security.policy.syntax import DNS_LABEL, DNS_SUBDOMAIN, RBAC_NAME

__all__ = [
    "Grant",
    "Identity",
    "Subject",
    "authenticated",
    "group",
    "nodes",
    "parse_subject",
    "service_account",
    "service_accounts",
    "user",
]


_BUILT_IN = frozenset({"admin", "cluster-admin", "edit", "view"})
"""plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go, kubernetes v1.24.17."""


@dataclass(frozen=True, kw_only=True)
class Grant(Part):
    """The right to use a policy: for pods of one namespace, or of any when there is none.

    Raises:
        InvalidGrant: with every fault, each saying what to write instead.
    """

    policy: str
    subjects: Sequence[Subject]
    namespace: str | None = None
    role: str | None = None
    binding: str | None = None

    def __post_init__(self) -> None:
        """Refuse what RBAC would refuse or could not mean; subjects take the grant's namespace where they have none."""
        super().__post_init__()
        faults = tuple(_faults(self))
        if not faults:
            object.__setattr__(self, "subjects", tuple(subject.within(self.namespace) for subject in self.subjects))
            faults = tuple(_consequences(self))
        if faults:
            raise InvalidGrant(f"grant of policy {shown(self.policy)}", faults)

    @property
    def role_name(self) -> str:
        """The name of the ClusterRole that carries the right."""
        return self.role or naming.role_name(self.policy)

    @property
    def binding_name(self) -> str:
        """The name of the RoleBinding, or without a namespace the ClusterRoleBinding, that gives it."""
        return self.binding or naming.binding_name(self.policy, self.subjects[0])

    def covers(self, identity: Identity, namespace: str) -> bool:
        """Whether the identity may use the policy for a pod in the namespace, by this grant."""
        if self.namespace not in (None, namespace):
            return False
        return any(subject.matches(identity) for subject in self.subjects)


def _faults(grant: Grant) -> Iterator[Fault]:
    if not isinstance(grant.policy, str) or not DNS_SUBDOMAIN.admits(grant.policy):
        yield Fault(path="policy", value=grant.policy, allowed="a policy's name: " + DNS_SUBDOMAIN.allowed)
    if grant.namespace is not None and not (isinstance(grant.namespace, str) and DNS_LABEL.admits(grant.namespace)):
        allowed = f"a namespace: {DNS_LABEL.allowed}; or None for every namespace"
        yield Fault(path="namespace", value=grant.namespace, allowed=allowed)
    for name, value in (("role", grant.role), ("binding", grant.binding)):
        if value is not None and not (isinstance(value, str) and RBAC_NAME.admits(value)):
            yield Fault(path=name, value=value, allowed=RBAC_NAME.allowed)
        elif value is not None and (value in _BUILT_IN or value.startswith("system:")):
            yield Fault(path=name, value=value, allowed="a name that is not one of Kubernetes' own roles and bindings")
    if not isinstance(grant.subjects, tuple) or not grant.subjects:
        yield Fault(path="subjects", value=grant.subjects, allowed="one subject or more, such as [authenticated()]")
        return
    for index, subject in enumerate(grant.subjects):
        yield from subject_faults(subject, f"subjects[{index}]", grant.namespace)


def _consequences(grant: Grant) -> Iterator[Fault]:
    first: dict[Subject, int] = {}
    for index, subject in enumerate(grant.subjects):
        if first.setdefault(subject, index) != index:
            allowed = f"each subject once; subjects[{first[subject]}] is the same"
            yield Fault(path=f"subjects[{index}]", value=subject.name, allowed=allowed)
    if not RBAC_NAME.admits(grant.binding_name):
        allowed = f"{RBAC_NAME.allowed}; this name comes from the first subject, give one as binding="
        yield Fault(path="binding", value=grant.binding_name, allowed=allowed)

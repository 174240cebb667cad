"""Who may use which policy once some of what a cluster has now is gone.

The server is asked, for it may know more than RBAC. What only the objects that leave give is worked out from the RBAC
it keeps.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from pulumi_pod_security.admission.rbac import Objects, Rbac, read
from pulumi_pod_security.admission.rbac.objects import Named, RbacObject
from pulumi_pod_security.admission.rbac.objects import Subject as RbacSubject
from pulumi_pod_security.cluster.plan import policy_reference
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.review import roles_and_bindings
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.subjects import Subject

__all__ = ["RBAC_RIGHTS", "Access", "asked_as", "live_rbac", "named_reference", "together", "without"]

RBAC_RIGHTS = tuple(
    Right(verb="list", resource=resource, group="rbac.authorization.k8s.io")
    for resource in ("clusterroles", "roles", "clusterrolebindings", "rolebindings")
)
"""What `live_rbac` asks of the kubeconfig."""

ObjectT = TypeVar("ObjectT", bound=RbacObject)


class Access:
    """Who may use which policy, as if the objects that leave were gone.

    Args:
        cluster: the server.
        leaving: references of what leaves: policies, roles and bindings.

    Raises:
        ClusterError: RBAC cannot be read.
    """

    def __init__(self, cluster: Cluster, leaving: Collection[str]) -> None:
        self._cluster = cluster
        self._leaving = frozenset(leaving)
        if self._leaving:
            objects = live_rbac(cluster)
            self._now, self._later = Rbac(objects), Rbac(without(objects, self._leaving))

    def may_use(self, identity: Identity, policy: str, namespace: str) -> bool:
        """What the server says, but for what only the objects that leave give; raises ClusterError."""
        if policy_reference(policy) in self._leaving or not self._cluster.may_use(identity, policy, namespace):
            return False
        return not self._leaving or not self._only_leaving(identity, policy, namespace)

    def _only_leaving(self, identity: Identity, policy: str, namespace: str) -> bool:
        asked = identity, policy, namespace
        return self._now.may_use(*asked) and not self._later.may_use(*asked)


def asked_as(subject: Subject | RbacSubject) -> Identity:
    """An identity that has what it has through this subject alone."""
    if subject.kind == "Group":
        return Identity(user="", groups=frozenset({subject.name}))
    if subject.kind == "User":
        return Identity(user=subject.name)
    return Identity.service_account(subject.namespace or "", subject.name)


def live_rbac(cluster: Cluster) -> Objects:
    """The RBAC objects of the cluster; raises ClusterError when they cannot be read."""
    return read((found.where, found.data) for found in roles_and_bindings(cluster.api))


def together(*parts: Objects) -> Objects:
    """The objects of all parts."""
    return Objects(
        cluster_roles=tuple(found for part in parts for found in part.cluster_roles),
        roles=tuple(found for part in parts for found in part.roles),
        role_bindings=tuple(found for part in parts for found in part.role_bindings),
        cluster_role_bindings=tuple(found for part in parts for found in part.cluster_role_bindings),
        faults=tuple(fault for part in parts for fault in part.faults),
    )


def without(objects: Objects, references: Collection[str]) -> Objects:
    """The objects but for those that the references mean."""

    def rest(kind: tuple[ObjectT, ...]) -> tuple[ObjectT, ...]:
        return tuple(found for found in kind if named_reference(found.named) not in references)

    return Objects(
        cluster_roles=rest(objects.cluster_roles),
        roles=rest(objects.roles),
        role_bindings=rest(objects.role_bindings),
        cluster_role_bindings=rest(objects.cluster_role_bindings),
        faults=objects.faults,
    )


def named_reference(named: Named) -> str:
    """How a plan refers to an RBAC object."""
    return "/".join(filter(None, (named.kind, named.namespace, named.name)))

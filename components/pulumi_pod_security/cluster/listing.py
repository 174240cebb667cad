"""Which lists of a cluster are read, in which order, and how: page by page, the next one fetched ahead.

Templates come before pods, so that of equal ones the template is there first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

import msgspec

from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.exchange import ahead

__all__ = ["ACCESS", "RBAC", "WORKLOADS", "Listed", "Resource", "listed"]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A list of a server.

    Attributes:
        version: the objects' `apiVersion`.
        name: as it stands in paths and rights, such as `deployments`.
        older: the version to ask for where the server does not know this one.
        optional: whether a server that does not know it has none.
    """

    version: str
    kind: str
    name: str
    older: str | None = None
    optional: bool = False

    @property
    def group(self) -> str:
        """The API group; empty for the core group."""
        return self.version.rpartition("/")[0]

    @property
    def path(self) -> str:
        """Where the server lists the objects of all namespaces."""
        return f"{'/apis' if self.group else '/api'}/{self.version}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A page of a list.

    Attributes:
        items: objects as JSON, which do not repeat version and kind.
        following: how many objects the list has behind them, as far as the server tells.
    """

    resource: Resource
    items: Sequence[msgspec.Raw]
    following: int


_RBAC = "rbac.authorization.k8s.io/v1"

RBAC = (
    Resource(version=_RBAC, kind="ClusterRole", name="clusterroles"),
    Resource(version=_RBAC, kind="Role", name="roles"),
    Resource(version=_RBAC, kind="ClusterRoleBinding", name="clusterrolebindings"),
    Resource(version=_RBAC, kind="RoleBinding", name="rolebindings"),
)
"""Roles and bindings."""

ACCESS = (
    Resource(version="policy/v1beta1", kind="PodSecurityPolicy", name="podsecuritypolicies", optional=True),
    *RBAC,
    Resource(version="v1", kind="ServiceAccount", name="serviceaccounts"),
)
"""Who may use which policies; there are no policies any more from 1.25 on."""

WORKLOADS = (
    Resource(version="apps/v1", kind="Deployment", name="deployments"),
    Resource(version="apps/v1", kind="ReplicaSet", name="replicasets"),
    Resource(version="apps/v1", kind="StatefulSet", name="statefulsets"),
    Resource(version="apps/v1", kind="DaemonSet", name="daemonsets"),
    Resource(version="batch/v1", kind="Job", name="jobs"),
    # batch/v1 has CronJob since 1.21 only.
    Resource(version="batch/v1", kind="CronJob", name="cronjobs", older="batch/v1beta1"),
    Resource(version="v1", kind="ReplicationController", name="replicationcontrollers"),
    Resource(version="v1", kind="Pod", name="pods"),
)
"""Everything that creates pods, and the pods."""


def listed(api: Api, resources: Iterable[Resource]) -> Iterator[Listed]:
    """The pages of these lists, one list after the other.

    Raises:
        ClusterError: while pages are taken: a list was refused, or no server answers.
    """
    return ahead(page for resource in resources for page in _pages(api, resource))


def _pages(api: Api, resource: Resource) -> Iterator[Listed]:
    try:
        for page in api.pages(resource.path):
            following = page.metadata.remaining_item_count or 0
            yield Listed(resource=resource, items=page.items or (), following=following)
    except Refused as refusal:
        if refusal.code != HTTPStatus.NOT_FOUND or not (resource.older or resource.optional):
            raise
        if resource.older:
            yield from _pages(api, replace(resource, version=resource.older, older=None))

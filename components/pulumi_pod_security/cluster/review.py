"""The objects of a live cluster as documents, the same as files give: one by one, page by page.

Custom resources are not read; the pods that their controllers made are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.cluster.api import Api, Refused

__all__ = ["access", "running"]

_RBAC = "rbac.authorization.k8s.io/v1"
_POLICY = ("policy/v1beta1", "PodSecurityPolicy", "podsecuritypolicies")
_RIGHTS = (
    (_RBAC, "ClusterRole", "clusterroles"),
    (_RBAC, "Role", "roles"),
    (_RBAC, "ClusterRoleBinding", "clusterrolebindings"),
    (_RBAC, "RoleBinding", "rolebindings"),
    ("v1", "ServiceAccount", "serviceaccounts"),
)
_RUNNING = (
    ("apps/v1", "Deployment", "deployments"),
    ("apps/v1", "ReplicaSet", "replicasets"),
    ("apps/v1", "StatefulSet", "statefulsets"),
    ("apps/v1", "DaemonSet", "daemonsets"),
    ("batch/v1", "Job", "jobs"),
    ("v1", "ReplicationController", "replicationcontrollers"),
    ("v1", "Pod", "pods"),
)
_CRON_JOBS = ("batch/v1", "CronJob", "cronjobs")
# batch/v1 has CronJob since 1.21 only.
_OLD_CRON_JOBS = ("batch/v1beta1", "CronJob", "cronjobs")
_NOT_FOUND = 404


def access(api: Api) -> Iterator[Document]:
    """Policies, RBAC and service accounts; no policies where the server has none any more (1.25 and later).

    Raises:
        ClusterError: while documents are taken: a list was refused, or no server answers.
    """
    yield from _known(api, *_POLICY)
    for version, kind, resource in _RIGHTS:
        yield from _listed(api, version, kind, resource)


def running(api: Api) -> Iterator[Document]:
    """Everything that creates pods, and the pods themselves. Raises like `access`."""
    for version, kind, resource in _RUNNING:
        yield from _listed(api, version, kind, resource)
    try:
        yield from _listed(api, *_CRON_JOBS)
    except Refused as refusal:
        if refusal.code != _NOT_FOUND:
            raise
        yield from _listed(api, *_OLD_CRON_JOBS)


def _known(api: Api, version: str, kind: str, resource: str) -> Iterator[Document]:
    """The objects of a resource that the server may not have."""
    try:
        yield from _listed(api, version, kind, resource)
    except Refused as refusal:
        if refusal.code != _NOT_FOUND:
            raise


def _listed(api: Api, version: str, kind: str, resource: str) -> Iterator[Document]:
    root = "/apis/" if "/" in version else "/api/"
    for item in api.items(f"{root}{version}/{resource}", dict[str, Any]):
        # The items of an API server's lists do not repeat their kind.
        yield Document(where=f"cluster:{_named(kind, item)}", data={**item, "apiVersion": version, "kind": kind})


def _named(kind: str, item: dict[str, Any]) -> str:
    metadata = item.get("metadata")
    named = metadata if isinstance(metadata, dict) else {}
    return "/".join(str(part) for part in (named.get("namespace"), kind, named.get("name")) if part)

"""The objects of a live cluster as documents, the same as files give: one by one, page by page.

Of custom resources those are read that are asked for; of all the others the pods that their controllers made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.discovery import resources_of
from pulumi_pod_security.cluster.listing import ACCESS, RBAC, WORKLOADS, Resource, listed

__all__ = ["access", "roles_and_bindings", "running"]

Expecting = Callable[[int], None]
"""Is told with every page how many objects are still to come, this page's included, as far as that is known."""


def access(api: Api, expecting: Expecting) -> Iterator[Document]:
    """Policies, RBAC and service accounts; no policies where the server has none any more (1.25 and later).

    Raises:
        ClusterError: while documents are taken: a list was refused, or no server answers.
    """
    return _documents(api, ACCESS, expecting)


def roles_and_bindings(api: Api) -> Iterator[Document]:
    """The four kinds of RBAC. Raises like `access`."""
    return _documents(api, RBAC, lambda _: None)


def running(api: Api, kinds: Iterable[str], expecting: Expecting) -> Iterator[Document]:
    """Everything that creates pods, and the pods themselves.

    Args:
        kinds: of custom resources, each as `argoproj.io/Rollout`.

    Raises:
        InvalidInput: the server does not know one of the kinds.
        ClusterError: while documents are taken: a list was refused, or no server answers.
    """
    built_in = {f"{resource.group}/{resource.kind}" for resource in WORKLOADS}
    custom = resources_of(api, (kind for kind in kinds if kind not in built_in))
    return _documents(api, (*custom, *WORKLOADS), expecting)


def _documents(api: Api, resources: Iterable[Resource], expecting: Expecting) -> Iterator[Document]:
    for page in listed(api, resources):
        expecting(len(page.items) + page.following)
        resource = page.resource
        for item in page.items:
            where = f"cluster:{_named(resource.kind, api.decoded(resource.path, _Object, item))}"
            yield Document.of_json(where, resource.version, resource.kind, item)


class _Names(msgspec.Struct):
    name: str | None = None
    namespace: str | None = None


class _Object(msgspec.Struct):
    metadata: _Names = msgspec.field(default_factory=_Names)


def _named(kind: str, found: _Object) -> str:
    return "/".join(part for part in (found.metadata.namespace, kind, found.metadata.name) if part)

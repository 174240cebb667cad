"""Controllers whose pods were refused: what the server said to them, and how they are made to try again at once.

A controller that was refused waits longer after each try, in the end more than a quarter of an hour; any change of
its object ends the wait (`updateReplicaSet` and its likes in pkg/controller/*, kubernetes v1.24.17).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

import msgspec

from pulumi_pod_security.admission.workloads import Workload, of_owner
from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.owners import KINDS, MANAGER, Owner, lacking, reads
from pulumi_pod_security.cluster.questions import Answer, Cluster, Right

__all__ = ["WAKING_RIGHTS", "Waiting", "refused_creations", "waiting", "wake"]

WAKING_RIGHTS = tuple(Right(verb="patch", resource=resource, group=group) for group, resource in KINDS.values())
"""What waking asks of the kubeconfig."""

_TRIED = "pod-security/woken-at"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A workload that has fewer pods than it wants.

    Attributes:
        answer: what the server says to its next pod now.
    """

    owner: Owner
    answer: Answer

    def __str__(self) -> str:
        return str(self.owner)


def waiting(cluster: Cluster, namespaces: Collection[str] | None = None) -> list[Waiting]:
    """The workloads that lack pods, by namespace, kind and name, with what their next one would be told.

    Args:
        namespaces: theirs; None means all.

    Raises:
        ClusterError: a list was refused or no server answers.
    """
    scopes = [None] if namespaces is None else sorted(set(namespaces))
    found = (pair for namespace in scopes for pair in _lacking(cluster.api, namespace))
    asked = sorted(found, key=lambda pair: pair[0])
    answers = cluster.ask(lambda pair: cluster.dry_run(pair[1].pod, pair[1].creator), asked)
    return [Waiting(owner=owner, answer=answer) for (owner, _), answer in zip(asked, answers, strict=True)]


def wake(api: Api, owner: Owner) -> None:
    """Make its controller look at it at once: it gets an annotation, which is taken away again.

    Raises:
        ClusterError: the server refused it, or does not answer.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        for value in (now, None):
            annotations = {_TRIED: value}
            api.patch(owner.path, {"metadata": {"annotations": annotations}}, msgspec.Raw, fieldManager=MANAGER)
    except Refused as refusal:
        if refusal.code != HTTPStatus.NOT_FOUND:
            raise


def _lacking(api: Api, namespace: str | None) -> Iterator[tuple[Owner, Workload]]:
    for kind in KINDS:
        for owner, found in reads(api, kind, namespace):
            workload = of_owner(kind, found)
            if workload is not None and lacking(kind, found):
                yield owner, workload


class _Involved(msgspec.Struct):
    kind: str = ""
    name: str = ""


class _Event(msgspec.Struct, rename="camel"):
    message: str = ""
    involved_object: _Involved = msgspec.field(default_factory=_Involved)


class _Events(msgspec.Struct):
    items: list[_Event] | None = None


def refused_creations(api: Api, owner: Owner) -> Iterator[str]:
    """What the server said when its controller could not create a pod; nothing where we may not read events."""
    with suppress(Refused):
        path = f"/api/v1/namespaces/{quote(owner.namespace, safe='')}/events"
        found = api.get(path, _Events, fieldSelector="reason=FailedCreate", limit="500")
        yield from dict.fromkeys(event.message for event in found.items or () if _is_of(event.involved_object, owner))


def _is_of(involved: _Involved, owner: Owner) -> bool:
    """A Deployment's pods are created for ReplicaSets, which are named after it."""
    if owner.kind == "Deployment":
        return involved.kind == "ReplicaSet" and involved.name.rpartition("-")[0] == owner.name
    return (involved.kind, involved.name) == (owner.kind, owner.name)

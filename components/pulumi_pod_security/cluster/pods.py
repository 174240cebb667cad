"""The pods that live on a cluster, by what makes them anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

import msgspec

from pulumi_pod_security.admission.manifests import LivePod, Meta, PodStatus
from pulumi_pod_security.admission.wellknown import MIRROR
from pulumi_pod_security.admission.workloads import FINISHED
from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.owners import Owner, collection
from pulumi_pod_security.cluster.questions import ANSWERED_BY_PSP

__all__ = ["RESTARTED_AT", "RunningPod", "annotation", "carried", "living", "name_of", "troubles"]

RESTARTED_AT = "kubectl.kubernetes.io/restartedAt"
"""What `kubectl rollout restart` writes into a template, and what its pods then carry."""


class _Waiting(msgspec.Struct):
    reason: str = ""
    message: str = ""


class _State(msgspec.Struct):
    waiting: _Waiting | None = None


class _Container(msgspec.Struct):
    name: str = ""
    state: _State | None = None


class _PodCondition(msgspec.Struct):
    type: str
    status: str
    reason: str = ""
    message: str = ""


class _RunningStatus(PodStatus, rename="camel"):
    conditions: list[_PodCondition] | None = None
    init_container_statuses: list[_Container] | None = None
    container_statuses: list[_Container] | None = None


class RunningPod(LivePod):
    """A pod on a server, with what its kubelet says of it."""

    status: _RunningStatus = msgspec.field(default_factory=_RunningStatus)

    @property
    def is_mirror(self) -> bool:
        """Whether it shows a static pod, which its kubelet runs whatever the API server says."""
        return MIRROR in (self.metadata.annotations or {})

    @property
    def is_ready(self) -> bool:
        """Whether its kubelet says so."""
        return any(found.type == "Ready" and found.status == "True" for found in self.status.conditions or ())


class _Owned(msgspec.Struct):
    metadata: Meta


def living(api: Api, namespace: str | None) -> Mapping[Owner | None, Sequence[RunningPod]]:
    """The pods that are neither over nor on their way out, by the workload that makes them; None for nobody.

    Raises:
        ClusterError: a list was refused or no server answers.
    """
    found: dict[Owner | None, list[RunningPod]] = defaultdict(list)
    above = _above(api, namespace)
    scope = f"namespaces/{quote(namespace, safe='')}/" if namespace else ""
    for pod in api.items(f"/api/v1/{scope}pods", RunningPod):
        if pod.status.phase not in FINISHED and pod.metadata.deletion_timestamp is None:
            owner = _owner(pod.metadata)
            found[None if pod.is_mirror or owner is None else above.get(owner, owner)].append(pod)
    return found


def name_of(pod: LivePod) -> str:
    """Its name, which every pod on a server has."""
    return pod.metadata.name or ""


def annotation(pod: LivePod, key: str) -> str | None:
    """One of its annotations."""
    return (pod.metadata.annotations or {}).get(key)


def carried(pod: LivePod) -> str | None:
    """The policy that the pod was admitted by; None when the plugin was off then."""
    return annotation(pod, ANSWERED_BY_PSP)


def troubles(pods: Sequence[RunningPod]) -> Iterator[str]:
    """Why pods are not ready, in their kubelets' and the scheduler's words."""
    for pod in pods:
        if not pod.is_ready:
            told = [*_unscheduled(pod), *_waiting(pod)] or [pod.status.phase or "not started"]
            yield f"pod {name_of(pod)}: {'; '.join(told)}"


def _unscheduled(pod: RunningPod) -> Iterator[str]:
    for found in pod.status.conditions or ():
        if found.type == "PodScheduled" and found.status == "False":
            yield found.message or found.reason


def _waiting(pod: RunningPod) -> Iterator[str]:
    containers = (*(pod.status.init_container_statuses or ()), *(pod.status.container_statuses or ()))
    for container in containers:
        if container.state and (waiting := container.state.waiting):
            yield ": ".join(filter(None, (f"container {container.name}", waiting.reason, waiting.message)))


def _above(api: Api, namespace: str | None) -> dict[Owner, Owner]:
    """The Deployment of each ReplicaSet that has one."""
    replica_sets = api.items(collection("ReplicaSet", namespace), _Owned)
    named = ((Owner(x.metadata.namespace or "", "ReplicaSet", x.metadata.name or ""), x.metadata) for x in replica_sets)
    owned = ((replica_set, _owner(metadata)) for replica_set, metadata in named)
    return {replica_set: owner for replica_set, owner in owned if owner is not None and owner.kind == "Deployment"}


def _owner(metadata: Meta) -> Owner | None:
    controller = metadata.controller
    return None if controller is None else Owner(metadata.namespace or "", controller.kind, controller.name)

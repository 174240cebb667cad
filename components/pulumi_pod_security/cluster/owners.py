"""What makes pods, read whole: how it is told apart, where it is, and how far its rollout has come.

A rollout is complete by kubectl's own rules (polymorphichelpers/rollout_status.go, k8s.io/kubectl v0.24.17).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

import msgspec

from pulumi_pod_security.admission.manifests import Meta, OwnerStatus, PodTemplate, TemplateOwner, TemplateSpec
from pulumi_pod_security.cluster.api import Api

__all__ = [
    "EVICTED",
    "KINDS",
    "MANAGER",
    "RESTARTED",
    "Owner",
    "Rollout",
    "collection",
    "hindrance",
    "lacking",
    "progress",
    "read",
    "reads",
]

RESTARTED = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose pods are made anew when their template changes, one after the other."""

EVICTED = ("ReplicaSet", "ReplicationController")
"""Kinds that make a pod anew only when it is gone."""

KINDS: Mapping[str, tuple[str, str]] = {
    "Deployment": ("apps", "deployments"),
    "StatefulSet": ("apps", "statefulsets"),
    "DaemonSet": ("apps", "daemonsets"),
    "ReplicaSet": ("apps", "replicasets"),
    "ReplicationController": ("", "replicationcontrollers"),
    "Job": ("batch", "jobs"),
}
"""API group and resource of every kind that makes pods by itself."""

MANAGER = "pod-security"
"""The field manager of everything that this package changes by itself."""


class Owner(NamedTuple):
    """One object of such a kind, or of another that this package cannot restart."""

    namespace: str
    kind: str
    name: str

    def __str__(self) -> str:
        """`shop/Deployment/cart`, as every message names it."""
        return "/".join(self)

    @property
    def path(self) -> str:
        """Where the API server keeps it."""
        return f"{collection(self.kind, self.namespace)}/{quote(self.name, safe='')}"

    @property
    def in_kubectl(self) -> str:
        """How kubectl is told of it: `deployment/cart --namespace shop`."""
        return f"{self.kind.lower()}/{self.name} --namespace {self.namespace}"


class _RollingUpdate(msgspec.Struct):
    partition: int | None = None


class _Strategy(msgspec.Struct, rename="camel"):
    type: str | None = None
    rolling_update: _RollingUpdate | None = None


class _RolloutMeta(Meta, rename="camel"):
    generation: int = 0


class _RolloutSpec(TemplateSpec[PodTemplate], rename="camel"):
    paused: bool = False
    suspend: bool = False
    update_strategy: _Strategy | None = None


class _RolloutStatus(OwnerStatus, rename="camel"):
    observed_generation: int = 0
    active: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0
    number_available: int = 0


class Rollout(TemplateOwner):
    """A workload with a pod template, and what its controller says of its pods."""

    metadata: _RolloutMeta
    spec: _RolloutSpec
    status: _RolloutStatus = msgspec.field(default_factory=_RolloutStatus)

    @property
    def wanted(self) -> int:
        """How many pods it asks for; a DaemonSet's number is its controller's to say."""
        return 1 if self.spec.replicas is None else self.spec.replicas

    @property
    def gave_up(self) -> bool:
        """Whether the controller of a Deployment says that it does not get on."""
        return any(found.type == "Progressing" and found.status == "False" for found in self.status.conditions or ())

    @property
    def template_annotations(self) -> Mapping[str, str | None]:
        """The annotations that its next pods get."""
        metadata = self.spec.template.metadata
        return (metadata.annotations if metadata else None) or {}


def collection(kind: str, namespace: str | None = None) -> str:
    """Where the API server lists a kind, in one namespace or in all."""
    group, resource = KINDS[kind]
    root = f"/apis/{group}/v1" if group else "/api/v1"
    return f"{root}/namespaces/{quote(namespace, safe='')}/{resource}" if namespace else f"{root}/{resource}"


def read(api: Api, owner: Owner) -> Rollout | None:
    """The object as it is now; None when it is gone. Raises ClusterError."""
    return api.find(owner.path, Rollout)


def reads(api: Api, kind: str, namespace: str | None = None) -> list[tuple[Owner, Rollout]]:
    """Every object of a kind, in one namespace or in all. Raises ClusterError."""
    found = api.items(collection(kind, namespace), Rollout)
    return [(Owner(each.metadata.namespace or "", kind, each.metadata.name or ""), each) for each in found]


def hindrance(kind: str, found: Rollout) -> str | None:
    """Why a changed template would make no new pods by itself, and what to do instead; None when it would."""
    if found.spec.paused:
        return "its rollout is paused; let it go on with: kubectl rollout resume"
    strategy = found.spec.update_strategy or _Strategy()
    if strategy.type == "OnDelete":
        return "its update strategy is OnDelete: a pod is made anew when someone deletes it"
    if kind == "StatefulSet" and strategy.rolling_update and strategy.rolling_update.partition:
        return f"its partition {strategy.rolling_update.partition} keeps pods below it as they are"
    return None


def progress(kind: str, found: Rollout) -> str | None:
    """What its rollout still waits for, in words; None when it is complete."""
    status = found.status
    if status.observed_generation < found.metadata.generation:
        return "its controller has not seen it yet"
    if kind == "DaemonSet":
        wanted, updated, available = (
            status.desired_number_scheduled,
            status.updated_number_scheduled,
            status.number_available,
        )
    elif kind == "StatefulSet":
        wanted, updated, available = found.wanted, status.updated_replicas, status.ready_replicas
    elif kind == "Deployment":
        wanted, updated, available = found.wanted, status.updated_replicas, status.available_replicas
    else:
        wanted, updated, available = found.wanted, status.replicas, status.available_replicas
    if updated < wanted:
        return f"{updated} of {wanted} pods updated"
    if kind == "Deployment" and status.replicas > updated:
        return f"{status.replicas - updated} old pods not gone yet"
    return f"{available} of {wanted} pods available" if available < wanted else None


def lacking(kind: str, found: Rollout) -> bool:
    """Whether there are fewer pods than it wants, as when they are refused. A Deployment leaves that to ReplicaSets."""
    status = found.status
    if kind == "DaemonSet":
        # The first refusal keeps its controller from saying anything (`syncDaemonSet`, kubernetes v1.24.17).
        unseen = status.observed_generation < found.metadata.generation
        return unseen or status.current_number_scheduled < status.desired_number_scheduled
    if kind == "Job":
        return not (status.active or status.finished or found.spec.suspend)
    return kind != "Deployment" and status.replicas < found.wanted

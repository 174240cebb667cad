"""Everything that creates pods, as pods that would be created, with the identity that creates them.

A workload with no pods counts: the next scale-up, run or rollback creates them. What is over does not: finished pods
and Jobs, and pods that are being deleted. A pod that a controller owns stands beside its template, because the two may
differ (partitioned StatefulSets, `OnDelete` DaemonSets).

Stated assumptions: controllers run with identities of their own (`--use-service-account-credentials`); nothing else
than PodSecurityPolicy writes what a policy reads into a pod on its way, no webhook and no LimitRange (which sets
resources only); what was written into a running pod cannot be told from what was asked for, but for the token volume.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from pulumi_pod_security.admission.manifests import CronJobOf, Meta, OwnerOf, PodOf, TemplateOf
from pulumi_pod_security.admission.specs import Spec, as_sent, as_written, node_name, service_account, with_claims
from pulumi_pod_security.admission.wellknown import MIRROR
from pulumi_pod_security.policy.identity import Identity

__all__ = [
    "CONTROLLERS",
    "FINISHED",
    "Entry",
    "Workload",
    "controller",
    "distinct",
    "of_cron_job",
    "of_owner",
    "of_pod",
    "of_template",
]

CONTROLLERS: Mapping[str, str] = {
    "Deployment": "replicaset-controller",
    "ReplicaSet": "replicaset-controller",
    "StatefulSet": "statefulset-controller",
    "DaemonSet": "daemon-set-controller",
    "Job": "job-controller",
    "ReplicationController": "replication-controller",
}
"""By kind, the controller that creates its pods; a CronJob's are created by that of its Jobs."""

FINISHED = ("Succeeded", "Failed")
"""The phases of pods that came to their end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A workload as a report lists it.

    Attributes:
        namespace, kind, name: the object that was read.
        service_account: the pod's service account; None for mirror pods, which have none.
        creator: the identity that sends the create request: the controller's, or the node's for a mirror pod.
        replicas: how many pods it asks for; None where its kind has no such number.
        owned: whether another object re-creates it, as a ReplicaSet its pods and a Deployment its ReplicaSets.
    """

    namespace: str
    kind: str
    name: str
    service_account: str | None
    creator: Identity
    replicas: int | None
    owned: bool = False

    def __str__(self) -> str:
        """`shop/Deployment/cart`, as every message names it."""
        return f"{self.namespace}/{self.kind}/{self.name}"

    @property
    def circumstances(self) -> str:
        """Its replicas and its service account: `0 replicas, service account shop:cart`."""
        replicas = "" if self.replicas is None else f"{self.replicas} replica{'' if self.replicas == 1 else 's'}, "
        account = self.service_account
        who = "no service account" if account is None else f"service account {self.namespace}:{account}"
        return replicas + who

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Who may bring the right to use a policy, in the order the plugin asks (admission.go, v1.24.17)."""
        if self.service_account is None:
            return (self.creator,)
        return (Identity.service_account(self.namespace, self.service_account), self.creator)


@dataclass(frozen=True, kw_only=True, slots=True)
class Workload(Entry):
    """A pod that would be created, and by whom.

    Attributes:
        pod: the pod as the creator would send it; its spec is typed where it was read to be judged and not to be sent.
    """

    pod: dict[str, Any]


@cache
def controller(name: str) -> Identity:
    """The identity of a controller of kube-controller-manager run with `--use-service-account-credentials`."""
    return Identity.authenticated_service_account("kube-system", name)


def of_owner(kind: str, owner: OwnerOf[Any]) -> Workload | None:
    """What an object of one of `CONTROLLERS`' kinds creates; None for a Job that came to its end."""
    if owner.status.finished:
        return None
    template: TemplateOf[Spec] = owner.spec.template
    claims = [_name(claim.metadata) for claim in owner.spec.volume_claim_templates or ()]
    if claims:
        spec = with_claims(template.spec, claims, f"{_name(owner.metadata)}-0")
        template = TemplateOf(spec=spec, metadata=template.metadata)
    return of_template(kind, owner.metadata, template, controller(CONTROLLERS[kind]), owner.spec.replicas)


def of_cron_job(cron: CronJobOf[Any]) -> Workload:
    """What the Jobs of a CronJob create, which may be suspended."""
    template = cron.spec.job_template.spec.template
    return of_template("CronJob", cron.metadata, template, controller(CONTROLLERS["Job"]), None)


def of_template(kind: str, owner: Meta, template: TemplateOf[Any], creator: Identity, replicas: int | None) -> Workload:
    """What a template creates, as its owner's controller sends it."""
    name, namespace = _name(owner), owner.namespace or ""
    return Workload(
        namespace=namespace,
        kind=kind,
        name=name,
        service_account=service_account(template.spec),
        creator=creator,
        replicas=replicas,
        owned=owner.controller is not None,
        pod=_pod_manifest(namespace, f"{name}-", template.metadata or Meta(), template.spec),
    )


def of_pod(pod: PodOf[Any], *, author: Identity | None = None) -> Workload | None:
    """A pod as it would be created again; None for one that is over.

    Args:
        author: who creates a pod that no controller owns. Nothing records it: without one, such a pod is judged as if
            a ReplicaSet created it.
    """
    if pod.status.phase in FINISHED or pod.metadata.deletion_timestamp is not None:
        return None
    mirror = MIRROR in (pod.metadata.annotations or {})
    spec = as_sent(pod.spec) if pod.status.phase or pod.metadata.uid else as_written(pod.spec)
    return Workload(
        namespace=pod.metadata.namespace or "",
        kind="Pod",
        name=_name(pod.metadata),
        service_account=None if mirror else service_account(pod.spec),
        creator=_node(pod) if mirror else _pod_creator(pod, author),
        replicas=None,
        owned=pod.metadata.controller is not None and not mirror,
        pod=_mirror_manifest(pod) if mirror else _manifest(pod, spec),
    )


def distinct(found: Iterable[Workload]) -> tuple[Workload, ...]:
    """The workloads by namespace, kind and name; equal pods of one creator are listed once, by the first."""
    kept: dict[bytes, Workload] = {}
    for workload in found:
        kept.setdefault(_question(workload), workload)
    return tuple(sorted(kept.values(), key=lambda workload: (workload.namespace, workload.kind, workload.name)))


def _question(workload: Workload) -> bytes:
    """What makes two workloads the same question to any plugin: not their name, nor where they are scheduled."""
    labels = {k: v for k, v in (workload.pod["metadata"].get("labels") or {}).items() if k not in _PER_OWNER_LABELS}
    metadata = {"annotations": workload.pod["metadata"].get("annotations"), "labels": labels}
    spec = {key: value for key, value in workload.pod["spec"].items() if key != "affinity"}
    return msgspec.json.encode((workload.namespace, workload.creator.user, metadata, spec), order="deterministic")


_PER_OWNER_LABELS = frozenset(
    {
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "controller-uid",
        "job-name",
    }
)


def _name(metadata: Meta) -> str:
    return metadata.name or metadata.generate_name or ""


def _prefix(pod: PodOf[Any]) -> str:
    return pod.metadata.generate_name or f"{pod.metadata.name}-"


def _node(pod: PodOf[Any]) -> Identity:
    return Identity(
        user=f"system:node:{node_name(pod.spec)}", groups=frozenset({"system:nodes", "system:authenticated"})
    )


def _pod_creator(pod: PodOf[Any], author: Identity | None) -> Identity:
    owner = pod.metadata.controller
    if owner is None and author is not None:
        return author
    return controller(CONTROLLERS.get(owner.kind if owner else "", "replicaset-controller"))


def _mirror_manifest(pod: PodOf[Any]) -> dict[str, Any]:
    """A mirror pod as its kubelet sends it: without the node as its owner NodeRestriction would refuse it first."""
    manifest = _manifest(pod, as_written(pod.spec))
    manifest["metadata"]["ownerReferences"] = msgspec.to_builtins(pod.metadata.owner_references or ())
    return manifest


def _manifest(pod: PodOf[Any], spec: Spec) -> dict[str, Any]:
    return _pod_manifest(pod.metadata.namespace or "", _prefix(pod), pod.metadata, spec)


def _pod_manifest(namespace: str, prefix: str, metadata: Meta, spec: Spec) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": prefix,
            "namespace": namespace,
            "labels": {key: value or "" for key, value in (metadata.labels or {}).items()},
            "annotations": {k: v or "" for k, v in (metadata.annotations or {}).items() if k != "kubernetes.io/psp"},
        },
        "spec": spec,
    }

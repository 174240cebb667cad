"""Every pod and pod template of a cluster, with the identity that creates its pods.

A workload with no pods counts: the next scale-up, run or rollback creates them. Pods a controller owns are listed
beside its template because the two may differ (partitioned StatefulSets, `OnDelete` DaemonSets). Custom resources that
embed a pod template are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.objects import CronJob, Meta, Pod, TemplateOwner
from pulumi_pod_security.policy.identity import Identity

__all__ = ["LISTED", "Workload", "controller", "workloads"]

LISTED = (
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("apps", "daemonsets"),
    ("batch", "jobs"),
    ("batch", "cronjobs"),
    ("", "replicationcontrollers"),
    ("", "pods"),
)
"""API group and resource of everything `workloads` lists; the rights a caller needs."""

_OWNERS = (
    ("Deployment", "/apis/apps/v1/deployments", "replicaset-controller"),
    ("ReplicaSet", "/apis/apps/v1/replicasets", "replicaset-controller"),
    ("StatefulSet", "/apis/apps/v1/statefulsets", "statefulset-controller"),
    ("DaemonSet", "/apis/apps/v1/daemonsets", "daemon-set-controller"),
    ("Job", "/apis/batch/v1/jobs", "job-controller"),
    ("ReplicationController", "/api/v1/replicationcontrollers", "replication-controller"),
)
_CONTROLLERS = {kind: name for kind, _, name in _OWNERS}
_MIRROR = "kubernetes.io/config.mirror"
_FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A pod that would be created, and by whom.

    Attributes:
        namespace, kind, name: the object that was read.
        service_account: the pod's service account; None for mirror pods, which have none.
        creator: the identity that sends the create request: the controller's, or the node's for a mirror pod.
        replicas: how many pods it asks for; None where its kind has no such number.
        pod: the pod as the creator would send it.
    """

    namespace: str
    kind: str
    name: str
    service_account: str | None
    creator: Identity
    replicas: int | None
    pod: dict[str, Any]

    def __str__(self) -> str:
        """`shop/Deployment/cart`, as every message names it."""
        return f"{self.namespace}/{self.kind}/{self.name}"

    @property
    def circumstances(self) -> str:
        """Its replicas and its service account: `0 replicas, service account shop:cart`."""
        replicas = "" if self.replicas is None else f"{self.replicas} replicas, "
        account = self.service_account
        who = "no service account" if account is None else f"service account {self.namespace}:{account}"
        return replicas + who

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Who may bring the right to use a policy, in the order the plugin asks (admission.go, v1.24.17)."""
        if self.service_account is None:
            return (self.creator,)
        return (Identity.service_account(self.namespace, self.service_account), self.creator)


def controller(name: str) -> Identity:
    """The identity of a controller of kube-controller-manager run with `--use-service-account-credentials`."""
    return Identity.authenticated_service_account("kube-system", name)


def workloads(api: Api) -> tuple[Workload, ...]:
    """Everything that creates pods, sorted by namespace, kind and name; equal pods of one owner are listed once.

    Raises:
        ClusterError: a list was refused or no server answers.
    """
    found: dict[bytes, Workload] = {}
    for workload in (*_templates(api), *_pods(api)):
        found.setdefault(_question(workload), workload)
    return tuple(sorted(found.values(), key=lambda workload: (workload.namespace, workload.kind, workload.name)))


def _question(workload: Workload) -> bytes:
    """What makes two workloads the same question to the plugin: not their name, nor where they are scheduled."""
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


def _templates(api: Api) -> Iterator[Workload]:
    for kind, path, account in _OWNERS:
        for owner in api.items(path, TemplateOwner):
            if owner.status.finished:
                continue
            template = owner.spec.template
            spec = _with_claims(template.spec, owner)
            yield _workload(kind, owner.metadata, template.metadata, spec, account, owner.spec.replicas)
    for cron in _cron_jobs(api):
        template = cron.spec.job_template.spec.template
        yield _workload("CronJob", cron.metadata, template.metadata, template.spec, "job-controller", None)


def _with_claims(spec: dict[str, Any], owner: TemplateOwner) -> dict[str, Any]:
    """The spec with the volumes a StatefulSet's controller makes of its claim templates, as for its first pod."""
    claims = [claim.metadata.name for claim in owner.spec.volume_claim_templates or ()]
    if not claims:
        return spec
    added = [
        {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{owner.metadata.name}-0"}} for name in claims
    ]
    kept = [volume for volume in spec.get("volumes") or () if volume.get("name") not in claims]
    return {**spec, "volumes": [*kept, *added]}


def _cron_jobs(api: Api) -> Iterator[CronJob]:
    try:
        yield from api.items("/apis/batch/v1/cronjobs", CronJob)
    except Refused as refusal:
        # batch/v1 has CronJob since 1.21 only.
        if refusal.code != 404:
            raise
        yield from api.items("/apis/batch/v1beta1/cronjobs", CronJob)


def _workload(
    kind: str, owner: Meta, metadata: Meta, spec: dict[str, Any], account: str, replicas: int | None
) -> Workload:
    return Workload(
        namespace=owner.namespace,
        kind=kind,
        name=owner.name,
        service_account=_service_account(spec),
        creator=controller(account),
        replicas=replicas,
        pod=_pod_manifest(owner.namespace, f"{owner.name}-", metadata, spec),
    )


def _pods(api: Api) -> Iterator[Workload]:
    for pod in api.items("/api/v1/pods", Pod):
        if pod.status.phase in _FINISHED or pod.metadata.deletion_timestamp is not None:
            continue
        mirror = _MIRROR in (pod.metadata.annotations or {})
        yield Workload(
            namespace=pod.metadata.namespace,
            kind="Pod",
            name=pod.metadata.name,
            service_account=None if mirror else _service_account(pod.spec),
            creator=_node(pod) if mirror else _pod_creator(pod),
            replicas=None,
            pod=_mirror_manifest(pod) if mirror else _manifest(pod, _as_sent(pod.spec)),
        )


def _service_account(spec: dict[str, Any]) -> str:
    return str(spec.get("serviceAccountName") or spec.get("serviceAccount") or "default")


def _prefix(pod: Pod) -> str:
    return pod.metadata.generate_name or f"{pod.metadata.name}-"


def _node(pod: Pod) -> Identity:
    return Identity(
        user=f"system:node:{pod.spec.get('nodeName', '')}", groups=frozenset({"system:nodes", "system:authenticated"})
    )


def _pod_creator(pod: Pod) -> Identity:
    """A pod nobody re-creates is judged as if a ReplicaSet did: its author is not recorded anywhere."""
    owner = pod.metadata.controller
    return controller(_CONTROLLERS.get(owner.kind if owner else "", "replicaset-controller"))


def _mirror_manifest(pod: Pod) -> dict[str, Any]:
    """A mirror pod as its kubelet sends it: without the node as its owner NodeRestriction would refuse it first."""
    manifest = _manifest(pod, pod.spec)
    manifest["metadata"]["ownerReferences"] = msgspec.to_builtins(pod.metadata.owner_references or ())
    return manifest


def _manifest(pod: Pod, spec: dict[str, Any]) -> dict[str, Any]:
    return _pod_manifest(pod.metadata.namespace, _prefix(pod), pod.metadata, spec)


def _pod_manifest(namespace: str, prefix: str, metadata: Meta, spec: dict[str, Any]) -> dict[str, Any]:
    annotations = {k: v for k, v in (metadata.annotations or {}).items() if k != "kubernetes.io/psp"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": prefix,
            "namespace": namespace,
            "labels": metadata.labels or {},
            "annotations": annotations,
        },
        "spec": spec,
    }


# What admission and the scheduler added to a running pod; a create request that carries them is refused or differs.
_ADDED = ("ephemeralContainers", "nodeName", "overhead", "priority", "preemptionPolicy")


def _as_sent(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec of a running pod as its creator sent it, as far as the server's additions can be told."""
    sent = {key: value for key, value in spec.items() if key not in _ADDED}
    sent["volumes"] = [volume for volume in sent.get("volumes") or () if not _token(volume.get("name"))]
    for key in ("initContainers", "containers"):
        if key in sent:
            sent[key] = [_without_token(container) for container in sent[key] or ()]
    return sent


def _token(name: object) -> bool:
    return str(name).startswith("kube-api-access-")


def _without_token(container: dict[str, Any]) -> dict[str, Any]:
    mounts = [mount for mount in container.get("volumeMounts") or () if not _token(mount.get("name"))]
    return {**container, "volumeMounts": mounts}

"""Every pod and pod template of a cluster, with the identity that creates its pods (see `admission.workloads`).

Custom resources that embed a pod template are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.admission.manifests import CronJob, LivePod, TemplateOwner
from pulumi_pod_security.admission.workloads import Workload, controller, distinct, of_cron_job, of_owner, of_pod
from pulumi_pod_security.cluster.api import Api, Refused

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
    ("Deployment", "/apis/apps/v1/deployments"),
    ("ReplicaSet", "/apis/apps/v1/replicasets"),
    ("StatefulSet", "/apis/apps/v1/statefulsets"),
    ("DaemonSet", "/apis/apps/v1/daemonsets"),
    ("Job", "/apis/batch/v1/jobs"),
    ("ReplicationController", "/api/v1/replicationcontrollers"),
)


def workloads(api: Api) -> tuple[Workload, ...]:
    """Everything that creates pods, sorted by namespace, kind and name; equal pods of one owner are listed once.

    Raises:
        ClusterError: a list was refused or no server answers.
    """
    return distinct(found for found in _found(api) if found is not None)


def _found(api: Api) -> Iterator[Workload | None]:
    for kind, path in _OWNERS:
        yield from (of_owner(kind, owner) for owner in api.items(path, TemplateOwner))
    yield from map(of_cron_job, _cron_jobs(api))
    yield from map(of_pod, api.items("/api/v1/pods", LivePod))


def _cron_jobs(api: Api) -> Iterator[CronJob]:
    try:
        yield from api.items("/apis/batch/v1/cronjobs", CronJob)
    except Refused as refusal:
        # batch/v1 has CronJob since 1.21 only.
        if refusal.code != 404:
            raise
        yield from api.items("/apis/batch/v1beta1/cronjobs", CronJob)

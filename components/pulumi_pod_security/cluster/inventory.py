"""Every pod and pod template of a cluster, with the identity that creates its pods (see `admission.workloads`).

Custom resources that embed a pod template are not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.admission.manifests import CronJob, LivePod, TemplateOwner
from pulumi_pod_security.admission.workloads import Workload, controller, distinct, of_cron_job, of_owner, of_pod
from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.listing import WORKLOADS, Listed, listed

__all__ = ["LISTED", "Workload", "controller", "workloads"]

LISTED = tuple((resource.group, resource.name) for resource in WORKLOADS)
"""API group and resource of everything `workloads` lists; the rights a caller needs."""


def workloads(api: Api) -> tuple[Workload, ...]:
    """Everything that creates pods, sorted by namespace, kind and name; equal pods of one owner are listed once.

    Raises:
        ClusterError: a list was refused or no server answers.
    """
    return distinct(_found(api))


def _found(api: Api) -> Iterator[Workload]:
    for page in listed(api, WORKLOADS):
        yield from filter(None, _of_page(api, page))


def _of_page(api: Api, page: Listed) -> Iterator[Workload | None]:
    kind, path = page.resource.kind, page.resource.path
    if kind == "Pod":
        return (of_pod(api.decoded(path, LivePod, item)) for item in page.items)
    if kind == "CronJob":
        return (of_cron_job(api.decoded(path, CronJob, item)) for item in page.items)
    return (of_owner(kind, api.decoded(path, TemplateOwner, item)) for item in page.items)

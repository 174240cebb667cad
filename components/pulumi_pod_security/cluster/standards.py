"""What levels of the Pod Security Standards would refuse of everything that a cluster runs or could run.

Every pod and every template is judged, those without pods too; the server itself looks at no template that has no pod.
Not known here: who is exempt by the API server's own configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from pulumi_pod_security.admission.conversion import converted
from pulumi_pod_security.admission.standards import LATEST, Standard, judge
from pulumi_pod_security.admission.syncing import as_synced
from pulumi_pod_security.admission.workloads import Workload
from pulumi_pod_security.cluster.inventory import workloads
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.errors import InvalidInput

__all__ = ["newly_refused", "require_admitted", "require_standards"]

_FIRST = (1, 23)


def require_standards(cluster: Cluster) -> None:
    """Refuse a server that has no Pod Security admission.

    Raises:
        PreflightRefused: it is too old.
        ClusterError: no server answers.
    """
    version = cluster.version
    if (version.major, version.minor) < _FIRST:
        raise PreflightRefused(
            f"{cluster.api.where} runs Kubernetes {version.git_version}, which does not look at the labels of Pod "
            "Security: they are read from 1.23 on; use PodSecurityBaseline there"
        )


def require_admitted(cluster: Cluster, changes: Mapping[str, tuple[Standard, Standard]]) -> None:
    """Refuse levels that something which runs or could run does not fit, unless it is refused already.

    Args:
        changes: by namespace, what is enforced now and what is to be.

    Raises:
        PreflightRefused: with every workload that would be refused.
        ClusterError: a list was refused or no server answers.
    """
    stricter = {name: pair for name, pair in changes.items() if pair[0] != pair[1] and pair[1].level != "privileged"}
    if not stricter:
        return
    found = [workload for workload in workloads(cluster.api) if workload.namespace in stricter]
    told = newly_refused(cluster, found, stricter)
    if told:
        heading = f"{len(told)} of {len(found)} workloads would not be admitted; no label was changed"
        raise PreflightRefused(listed(heading, told))


def newly_refused(
    cluster: Cluster, found: Iterable[Workload], changes: Mapping[str, tuple[Standard, Standard]]
) -> list[str]:
    """Those that fit what is enforced in their namespace now and not what is to be, with what is against them."""
    return [line for workload in found for line in _refused(cluster, workload, *changes[workload.namespace])]


def _refused(cluster: Cluster, workload: Workload, before: Standard, after: Standard) -> Iterator[str]:
    try:
        pod = as_synced(converted(workload.pod, Pod, "pod"))
    except InvalidInput as fault:
        yield f"{workload}: {fault}"
        return
    then = judge(pod, _as_known(cluster, after))
    if not then.admitted and judge(pod, _as_known(cluster, before)).admitted:
        yield (
            f"{workload} ({workload.circumstances})\n    {replace(then, standard=after).message}\n"
            f"    change it, or keep what is enforced now: {before}"
        )


def _as_known(cluster: Cluster, standard: Standard) -> Standard:
    """As this server takes it: what it does not know yet is the newest that it knows."""
    newest = Standard(level=standard.level, version=f"v1.{cluster.version.minor}")
    return standard if standard.version != LATEST and standard.minor < newest.minor else newest

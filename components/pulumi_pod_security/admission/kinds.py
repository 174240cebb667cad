"""What an object is to the PodSecurityPolicy plugin, by its API version and kind.

Everything has a sort. An object of a Kubernetes API that has no such kind is a fault, because a workload with a
misspelt kind or version must not pass for something that creates no pods.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from pulumi_pod_security.admission.rbac.refusals import GROUP
from pulumi_pod_security.errors import Fault, InvalidInput, closest, one_of

__all__ = ["Sort", "group_kind", "sort_of"]

Sort = Literal["workload", "template", "policy", "rbac", "account", "other", "unknown"]
"""`template`: a custom resource that was said to embed pod templates. `other`: a Kubernetes object that creates no
pods. `unknown`: a custom resource of which nothing was said."""

_APPS = ("apps/v1", "apps/v1beta2")
_SORTS: Mapping[str, tuple[Sort, tuple[str, ...]]] = {
    "Pod": ("workload", ("v1",)),
    "ReplicationController": ("workload", ("v1",)),
    "Deployment": ("workload", (*_APPS, "apps/v1beta1", "extensions/v1beta1")),
    "ReplicaSet": ("workload", (*_APPS, "extensions/v1beta1")),
    "DaemonSet": ("workload", (*_APPS, "extensions/v1beta1")),
    "StatefulSet": ("workload", (*_APPS, "apps/v1beta1")),
    "Job": ("workload", ("batch/v1",)),
    "CronJob": ("workload", ("batch/v1", "batch/v1beta1", "batch/v2alpha1")),
    "PodSecurityPolicy": ("policy", ("policy/v1beta1", "extensions/v1beta1")),
    "ServiceAccount": ("account", ("v1",)),
}
_OTHERS: Mapping[str, frozenset[str]] = {
    "": frozenset(
        (
            *("Binding", "ComponentStatus", "ConfigMap", "Endpoints", "Event", "LimitRange", "Namespace", "Node"),
            *("PersistentVolume", "PersistentVolumeClaim", "PodTemplate", "ResourceQuota", "Secret", "Service"),
            "Status",
        )
    ),
    "apps": frozenset({"ControllerRevision", "Scale"}),
    "batch": frozenset(),
    "policy": frozenset({"Eviction", "PodDisruptionBudget"}),
    "extensions": frozenset({"Ingress", "NetworkPolicy", "Scale"}),
}


def group_kind(version: str, kind: str) -> str:
    """Group and kind in one word: `apps/Deployment`, `argoproj.io/Rollout`, `Pod`."""
    group = version.rpartition("/")[0]
    return f"{group}/{kind}" if group else kind


def sort_of(version: str, kind: str, where: str, templates: Collection[str]) -> Sort:
    """What the object is.

    Args:
        templates: the `group_kind` of custom resources that are said to embed pod templates.

    Raises:
        InvalidInput: Kubernetes has no such kind in this group, or not in this version.
    """
    group = version.rpartition("/")[0]
    if group_kind(version, kind) in templates:
        return "template"
    sort, versions = _SORTS.get(kind, ("other", ()))
    if version in versions:
        return sort
    if group == GROUP:
        return "rbac"
    if group not in _OTHERS:
        return "other" if group == "autoscaling" or group.endswith(".k8s.io") else "unknown"
    if kind not in _OTHERS[group]:
        raise InvalidInput(where, [_misspelt(version, kind, group, where)])
    return "other"


def _misspelt(version: str, kind: str, group: str, where: str) -> Fault:
    if kind in _SORTS:
        allowed = f"for a {kind} {one_of(_SORTS[kind][1], given=version)}"
        return Fault(path=f"{where}.apiVersion", value=version, allowed=allowed)
    known = sorted({*_SORTS, *_OTHERS[group]})
    guess = closest(kind, known)
    allowed = f"a kind of {version}" + (f"; did you mean {guess!r}?" if guess else f", such as {_example(group)!r}")
    return Fault(path=f"{where}.kind", value=kind, allowed=allowed)


def _example(group: str) -> str:
    there = (kind for kind, (_, versions) in _SORTS.items() if any(v.rpartition("/")[0] == group for v in versions))
    return next(there, "Pod")

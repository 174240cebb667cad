"""Which pods run under another policy than their next ones would get, and what can be done about each workload.

What the next pod gets is the server's own answer to a dry run of the template, sent by the controller that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import quote

from pulumi_pod_security.admission.workloads import Workload, of_owner, of_pod
from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.owners import EVICTED, KINDS, RESTARTED, Owner, Rollout, hindrance, progress, read
from pulumi_pod_security.cluster.pods import RESTARTED_AT, RunningPod, annotation, carried, living, name_of
from pulumi_pod_security.cluster.questions import Answer, Cluster
from pulumi_pod_security.cluster.verification import plugin_is_on
from pulumi_pod_security.errors import PodSecurityError

__all__ = ["Left", "PluginOff", "Stale", "Survey", "judged", "survey"]

# What the plugin says where nobody may use any policy, and where there is none (admission.go, kubernetes v1.24.17).
_NO_REASON = ("unable to admit pod: []", "no providers available to validate pod request")
Act = Literal["restart", "evict", "wait"]


class PluginOff(PodSecurityError):
    """The plugin judges no pods, so that there is nothing to bring up to date."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"the PodSecurityPolicy plugin is off at {where}: pods carry no policy and need none; "
            "turn it on first, or name another cluster with --context"
        )


@dataclass(frozen=True, kw_only=True)
class Stale:
    """A workload whose next pods get another policy than some of its present ones carry, and which can have them now.

    Attributes:
        pods: the names of those present ones.
        carries: the policies they carry; None for pods from before the plugin was on.
        policy: the policy of the next ones.
        act: `restart` its template, `evict` its pods one by one, or `wait` for a restart that is under way.
    """

    owner: Owner
    pods: tuple[str, ...]
    carries: tuple[str | None, ...]
    policy: str
    act: Act

    def __str__(self) -> str:
        return str(self.owner)


@dataclass(frozen=True, kw_only=True)
class Left:
    """Pods that are not touched.

    Attributes:
        subject: the workload, or the pod that nothing would make anew.
        pods, carries, policy: as those of a `Stale`; the policy is None where the next pod would be refused.
        reason: why, and what to do about it.
        open: whether there is something to mend; a static pod, a Job or a pod of nobody is only told.
    """

    subject: Owner
    pods: tuple[str, ...]
    carries: tuple[str | None, ...]
    policy: str | None
    reason: str
    open: bool

    def __str__(self) -> str:
        return str(self.subject)


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What there is to do.

    Attributes:
        stale: workloads to bring up to date, by namespace, kind and name.
        left: what is left as it is.
        pods: how many pods were looked at.
    """

    stale: tuple[Stale, ...]
    left: tuple[Left, ...]
    pods: int


def survey(cluster: Cluster, namespaces: Iterable[str] | None = None) -> Survey:
    """Look at the pods of some namespaces, or of all.

    Raises:
        PluginOff: the plugin judges no pods.
        ClusterError: a namespace is not there, a list was refused, or no server answers.
    """
    if not plugin_is_on(cluster):
        raise PluginOff(cluster.api.where)
    found: list[tuple[Owner | None, Sequence[RunningPod]]] = []
    for namespace in _scopes(cluster, namespaces):
        found += living(cluster.api, namespace).items()
    told = cluster.ask(lambda pair: _told(cluster, *pair), found)
    entries = sorted((entry for entries in told for entry in entries), key=str)
    return Survey(
        stale=tuple(entry for entry in entries if isinstance(entry, Stale)),
        left=tuple(entry for entry in entries if isinstance(entry, Left)),
        pods=sum(len(pods) for _, pods in found),
    )


def judged(cluster: Cluster, owner: Owner, pods: Sequence[RunningPod]) -> Stale | Left | None:
    """What is to be done about a workload; None when all of its pods carry the policy of the next one.

    Raises:
        ClusterError: no server answers, or it gives no verdict.
    """
    found = read(cluster.api, owner) if owner.kind in KINDS else None
    workload = of_owner(owner.kind, found) if found else of_pod(pods[0])
    if workload is None or (found is None and owner.kind in KINDS):
        return None
    answer = _answer(cluster, workload)
    stale = _stale(cluster, pods, answer)
    if not stale:
        return None
    left = Left(subject=owner, reason="", open=True, **_about(stale, answer))
    if answer.refusal is not None:
        return replace(left, reason=_refused(workload, answer.refusal))
    if found is None or owner.kind == "Job":
        return replace(left, reason=_alone(owner), open=False)
    return _doable(owner, found, left, under_way=_under_way(owner, found, stale, pods))


def _doable(owner: Owner, found: Rollout, left: Left, *, under_way: bool) -> Stale | Left:
    if reason := hindrance(owner.kind, found):
        return replace(left, reason=f"{reason}: {owner.in_kubectl}")
    waits = progress(owner.kind, found)
    if waits and not under_way:
        return replace(left, reason=f"its rollout is not complete ({waits}); wait for it or mend it, then run again")
    act: Act = "evict" if owner.kind in EVICTED else "wait" if under_way else "restart"
    assert left.policy is not None
    return Stale(owner=owner, pods=left.pods, carries=left.carries, policy=left.policy, act=act)


def _under_way(owner: Owner, found: Rollout, stale: Sequence[RunningPod], pods: Sequence[RunningPod]) -> bool:
    """Whether an earlier run began it: some pods were evicted, or the template restarted after the stale were made."""
    if owner.kind in EVICTED:
        return len(stale) < len(pods)
    at = found.template_annotations.get(RESTARTED_AT)
    return at is not None and all(annotation(pod, RESTARTED_AT) != at for pod in stale)


def _scopes(cluster: Cluster, namespaces: Iterable[str] | None) -> Sequence[str | None]:
    if namespaces is None:
        return [None]
    named = sorted(set(namespaces))
    for name in named:
        if cluster.api.find(f"/api/v1/namespaces/{quote(name, safe='')}", dict[str, Any]) is None:
            raise ClusterError(
                f"there is no namespace {name!r} at {cluster.api.where}; there are: kubectl get namespaces"
            )
    return named


def _told(cluster: Cluster, owner: Owner | None, pods: Sequence[RunningPod]) -> list[Stale | Left]:
    if owner is not None:
        entry = judged(cluster, owner, pods)
        return [] if entry is None else [entry]
    return [found for pod in pods if (found := _nobodys(cluster, pod)) is not None]


def _nobodys(cluster: Cluster, pod: RunningPod) -> Left | None:
    """A pod that no controller makes anew, if it carries another policy than it would get now."""
    workload = of_pod(pod)
    if workload is None:
        return None
    answer = _answer(cluster, workload)
    if not _stale(cluster, [pod], answer):
        return None
    about = _about([pod], answer)
    return Left(subject=Owner(pod.metadata.namespace or "", "Pod", name_of(pod)), reason=_why(pod), open=False, **about)


def _stale(cluster: Cluster, pods: Sequence[RunningPod], answer: Answer) -> list[RunningPod]:
    """The pods under another policy than the next one's, which is none where the plugin refuses it.

    What something else refuses, such as a quota, the plugin was not asked about to the end: of its pods those count
    that no present policy admitted.
    """
    if answer.gone:
        return []
    if answer.refused_otherwise:
        present = cluster.policies()
        return [pod for pod in pods if carried(pod) not in present]
    return [pod for pod in pods if answer.refusal is not None or carried(pod) != answer.policy]


def _answer(cluster: Cluster, workload: Workload) -> Answer:
    return cluster.dry_run(workload.pod, workload.creator)


def _about(stale: Sequence[RunningPod], answer: Answer) -> dict[str, Any]:
    carries = sorted({carried(pod) for pod in stale}, key=lambda policy: policy or "")
    return {"pods": tuple(sorted(map(name_of, stale))), "carries": tuple(carries), "policy": answer.policy}


def _refused(workload: Workload, refusal: str) -> str:
    """The server's words; where it names no reason, nobody who counts may use any policy."""
    told = f"its next pod would be refused: {refusal}"
    if not refusal.endswith(_NO_REASON):
        return told
    account = workload.service_account
    to = f"user:{workload.creator.user}" if account is None else f"serviceaccount:{account}"
    grant = f'{{policy: POLICY, namespace: {workload.namespace}, to: ["{to}"]}}'
    return f"{told}: neither its service account nor its creator may use any policy; grant one: - {grant}"


def _alone(owner: Owner) -> str:
    if owner.kind == "Job":
        return "a Job's pods come to their end by themselves, and the next Job's are judged anew"
    known = ", ".join((*RESTARTED, *EVICTED))
    return f"made by a {owner.kind}, which only its own controller knows how to restart (known here: {known})"


def _why(pod: RunningPod) -> str:
    place = f"{name_of(pod)} --namespace {pod.metadata.namespace}"
    if pod.is_mirror:
        return (
            f"the mirror of a static pod of node {pod.spec.get('nodeName', '')}: its containers run whatever policies "
            f"say; its kubelet makes the mirror anew after: kubectl delete pod {place}"
        )
    return f"nothing makes it anew when it is gone; make it again yourself: kubectl get pod {place} -o yaml"

"""Proof, after the switch, by the server itself: dry runs of everything that runs and of the canaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.cluster.canaries import CREATOR, Canary, canaries, probe
from pulumi_pod_security.cluster.inventory import Workload, workloads
from pulumi_pod_security.cluster.questions import Answer, Cluster
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Surprise", "Verification", "Verified", "plugin_is_on", "refused_workloads"]


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """A verdict of the server that differs from what the baseline promises.

    Attributes:
        subject: the workload or canary.
        words: the server's reason, or what is wrong with its admission.
    """

    subject: str
    words: str

    def __str__(self) -> str:
        return f"{self.subject}\n    {self.words}"


@dataclass(frozen=True, kw_only=True)
class Verified:
    """What a verification asked and found."""

    workloads: int
    canaries: int
    surprises: tuple[Surprise, ...]


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The questions a switch is verified with; made before the switch, so that only what it changes counts.

    Attributes:
        cluster: the server.
        policies, grants: the baseline.
        refused_before: workloads that were refused already: by the plugin before the baseline changed, or otherwise.
    """

    cluster: Cluster
    policies: Sequence[PodSecurityPolicy]
    grants: Sequence[Grant]
    refused_before: frozenset[str]

    @classmethod
    def begin(
        cls,
        cluster: Cluster,
        policies: Sequence[PodSecurityPolicy],
        grants: Sequence[Grant],
        refused_by_plugin: Iterable[str],
    ) -> Verification:
        """Ask about every workload once, before the switch.

        Args:
            refused_by_plugin: what `refused_workloads` found before policies or grants were changed, where the plugin
                was on and verified; what it refuses beyond those is the change's doing.

        Raises:
            ClusterError: the server cannot be asked.
        """
        otherwise = (str(workload) for workload, answer in _answers(cluster) if answer.refused_otherwise)
        refused = frozenset((*refused_by_plugin, *otherwise))
        return cls(cluster=cluster, policies=policies, grants=grants, refused_before=refused)

    def run(self) -> Verified:
        """Ask the server about everything that runs now and about the canaries; raises ClusterError like `begin`."""
        answered = _answers(self.cluster)
        namespaces = {workload.namespace for workload, _ in answered} | {"default"}
        tried = tuple(canaries(self.policies, self.grants, namespaces))
        replies = self.cluster.ask(lambda canary: self.cluster.dry_run(canary.pod, canary.creator), tried)
        surprises = (*self._refused(answered), *_wrong(zip(tried, replies, strict=True)))
        return Verified(workloads=len(answered), canaries=len(tried), surprises=surprises)

    def _refused(self, answered: Iterable[tuple[Workload, Answer]]) -> Iterator[Surprise]:
        for workload, answer in answered:
            if answer.refusal and str(workload) not in self.refused_before:
                yield Surprise(subject=_described(workload), words=answer.refusal)


def refused_workloads(cluster: Cluster) -> list[str]:
    """The workloads whose pods the plugin refuses now; none while it is off. Raises ClusterError."""
    return [str(workload) for workload, answer in _answers(cluster) if answer.refused_by_psp]


def plugin_is_on(cluster: Cluster) -> bool:
    """Whether the plugin judges pods: it marks or refuses a canary in a namespace every cluster has.

    Several are tried because a quota may refuse the canary before it can be told. Raises ClusterError when no server
    answers.
    """
    probes = (probe(namespace) for namespace in ("kube-system", "default", "kube-public"))
    return any(cluster.dry_run(pod, CREATOR).judged_by_psp for pod in probes)


def _answers(cluster: Cluster) -> tuple[tuple[Workload, Answer], ...]:
    found = workloads(cluster.api)
    answers = cluster.ask(lambda workload: cluster.dry_run(workload.pod, workload.creator), found)
    return tuple(zip(found, answers, strict=True))


def _described(workload: Workload) -> str:
    replicas = "" if workload.replicas is None else f"{workload.replicas} replicas, "
    account = workload.service_account
    who = "no service account" if account is None else f"service account {workload.namespace}:{account}"
    return f"{workload} ({replicas}{who})"


def _wrong(answered: Iterable[tuple[Canary, Answer]]) -> Iterator[Surprise]:
    for canary, answer in answered:
        granted = ", ".join(canary.policies) or "no policy"
        if canary.admitted and answer.refusal and answer.refused_by_psp:
            yield Surprise(
                subject=str(canary), words=f"was refused, though the baseline grants {granted}: {answer.refusal}"
            )
        elif canary.admitted and not answer.judged_by_psp and not answer.refusal:
            yield Surprise(subject=str(canary), words="was admitted without the plugin judging it")
        elif not canary.admitted and answer.refusal is None:
            by = f"by policy {answer.policy}" if answer.policy else "without the plugin judging it"
            yield Surprise(
                subject=str(canary),
                words=f"was admitted {by}, though the baseline grants only {granted} there; who may use it: "
                "kubectl get clusterrolebindings,rolebindings -A -o wide",
            )

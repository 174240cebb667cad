"""Proof, after the switch, by the server itself: dry runs of everything that runs and of the canaries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.cluster.api import ClusterError
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
        refused_by_plugin: workloads that the plugin refused before the baseline changed.
        admitted: workloads that nothing but the plugin refused before the switch.
        leaving: policies that the baseline stops granting, here or there; their grants go only after the verification.
    """

    cluster: Cluster
    policies: Sequence[PodSecurityPolicy]
    grants: Sequence[Grant]
    refused_by_plugin: frozenset[str]
    admitted: frozenset[str]
    leaving: frozenset[str]

    @classmethod
    def begin(
        cls,
        cluster: Cluster,
        policies: Sequence[PodSecurityPolicy],
        grants: Sequence[Grant],
        refused_by_plugin: Iterable[str],
        leaving: Iterable[str] = (),
    ) -> Verification:
        """Ask about every workload once, before the switch.

        Args:
            refused_by_plugin: what `refused_workloads` found before policies or grants were changed, where the plugin
                was on and verified; what it refuses beyond those is the change's doing.
            leaving: policies that the baseline stops granting.

        Raises:
            ClusterError: the server cannot be asked.
        """
        return cls(
            cluster=cluster,
            policies=policies,
            grants=grants,
            refused_by_plugin=frozenset(refused_by_plugin),
            admitted=frozenset(str(workload) for workload, answer in _answers(cluster) if not answer.refused_otherwise),
            leaving=frozenset(leaving),
        )

    def run(self) -> Verified:
        """Ask the server about everything that runs now and about the canaries; raises ClusterError like `begin`."""
        answered = _answers(self.cluster)
        namespaces = {workload.namespace for workload, _ in answered} | {"default"}
        tried = tuple(canaries(self.policies, self.grants, namespaces))
        replies = self.cluster.ask(lambda canary: self.cluster.dry_run(canary.pod, canary.creator), tried)
        surprises = (*self._refused(answered), *self._wrong(zip(tried, replies, strict=True)))
        return Verified(workloads=len(answered), canaries=len(tried), surprises=surprises)

    def _refused(self, answered: Iterable[tuple[Workload, Answer]]) -> Iterator[Surprise]:
        """A refusal by anything else counts for what was admitted before: the plugin's defaults may have caused it."""
        for workload, answer in answered:
            by_plugin = answer.refused_by_psp and str(workload) not in self.refused_by_plugin
            otherwise = answer.refused_otherwise and str(workload) in self.admitted and not answer.gone
            if answer.refusal and (by_plugin or otherwise):
                yield Surprise(subject=f"{workload} ({workload.circumstances})", words=answer.refusal)

    def _wrong(self, answered: Iterable[tuple[Canary, Answer]]) -> Iterator[Surprise]:
        for canary, answer in answered:
            granted = ", ".join(canary.policies) or "no policy"
            if canary.admitted and answer.refused_by_psp:
                words = f"was refused, though the baseline grants {granted}: {answer.refusal}"
            elif canary.admitted and not answer.judged_by_psp and not answer.refusal:
                words = "was admitted without the plugin judging it"
            elif not canary.admitted and answer.refusal is None and answer.policy not in self.leaving:
                by = f"by policy {answer.policy}" if answer.policy else "without the plugin judging it"
                words = (
                    f"was admitted {by}, though the baseline grants only {granted} there; who may use it: "
                    "kubectl get clusterrolebindings,rolebindings -A -o wide"
                )
            else:
                continue
            yield Surprise(subject=str(canary), words=words)


def refused_workloads(cluster: Cluster) -> list[str]:
    """The workloads whose pods the plugin refuses now; none while it is off. Raises ClusterError."""
    if not plugin_is_on(cluster):
        return []
    return [str(workload) for workload, answer in _answers(cluster) if answer.refused_by_psp]


def plugin_is_on(cluster: Cluster) -> bool:
    """Whether the plugin judges pods: it marks or refuses a canary in a namespace every cluster has.

    Several are tried because a quota or a webhook may refuse the canary before it can be told. No server from 1.25 on
    has it, and none is asked.

    Raises:
        ClusterError: no server answers, or something else refused every canary, so that nobody can tell.
    """
    if not cluster.version.has_psp:
        return False
    answers = []
    for namespace in ("kube-system", "default", "kube-public"):
        answers.append(cluster.dry_run(probe(namespace), CREATOR))
        if answers[-1].judged_by_psp:
            return True
    if all(answer.refusal for answer in answers):
        raise ClusterError(f"whether the PodSecurityPolicy plugin is on cannot be told: {answers[-1].refusal}")
    return False


def _answers(cluster: Cluster) -> tuple[tuple[Workload, Answer], ...]:
    found = workloads(cluster.api)
    answers = cluster.ask(lambda workload: cluster.dry_run(workload.pod, workload.creator), found)
    return tuple(zip(found, answers, strict=True))

"""Verdicts on workloads: policies and RBAC made ready once, and equal templates judged once.

The pod of a verdict has what policies read, and no more; `changes.applied` writes what changed into a whole manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

import msgspec
from msgspec.structs import replace

from pulumi_pod_security.admission.changes import Change, changes
from pulumi_pod_security.admission.chooser import PSP_ANNOTATION, choose
from pulumi_pod_security.admission.conversion import converted
from pulumi_pod_security.admission.defaulting import ServiceAccount, as_kept, as_seen, service_account_name
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.request import Operation, Request, Verdict
from pulumi_pod_security.admission.workloads import Workload
from pulumi_pod_security.controls.pod import Container, Metadata, Pod, PodSecurityContext, PodSpec, with_containers
from pulumi_pod_security.controls.volume import Volume
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored

__all__ = ["Answer", "Authorizer", "Evaluator", "Question", "names"]

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """All that decides about a workload's pods; equal for workloads that differ in nothing the plugin looks at.

    Attributes:
        pod: only what a policy reads: no names, labels, images, tolerations and times.
        key: the same for equal questions, and for no others.
    """

    namespace: str
    creator: Identity
    pod: Pod
    key: bytes

    @classmethod
    def of(cls, workload: Workload, where: str = "pod") -> Question:
        """The question a workload puts.

        Raises:
            InvalidInput: its pod has a field of a wrong type, which an API server would not take; below `where`.
            RecursionError: its pod is too deep.
        """
        given = converted(workload.pod, Pod, where)
        metadata = Metadata(annotations=given.annotations) if given.annotations else None
        spec = _essential(given.spec or PodSpec(), workload.service_account)
        pod = with_containers(Pod(metadata=metadata, spec=spec), _essential_container)
        who = (workload.namespace, workload.creator.user, sorted(workload.creator.groups))
        digest = blake2b(_encode((who, pod)), digest_size=16).digest()
        return cls(namespace=workload.namespace, creator=workload.creator, pod=pod, key=digest)


def _essential(spec: PodSpec, service_account: str | None) -> PodSpec:
    """The spec of a template and of its running pod alike, as far as a policy reads it."""
    return replace(
        spec,
        volumes=tuple(map(_essential_volume, spec.volumes)) if spec.volumes else None,
        security_context=spec.security_context or PodSecurityContext(),
        service_account_name=service_account,
        service_account=None,
        host_users=None,
        os=None,
        active_deadline_seconds=None,
        termination_grace_period_seconds=None,
        tolerations=None,
    )


def _essential_volume(volume: Volume) -> Volume:
    """The volume without the name of its claim, which every pod of a StatefulSet has for itself."""
    return volume if volume.persistent_volume_claim is None else replace(volume, persistent_volume_claim={})


def _essential_container(container: Container) -> Container:
    return replace(
        container,
        image=None,
        ports=container.ports or None,
        volume_mounts=container.volume_mounts or None,
        liveness_probe=None,
        readiness_probe=None,
        startup_probe=None,
        lifecycle=None,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A verdict on all workloads that put the same question.

    Attributes:
        changes: what the policy writes into their pods, the plugin's own mark left out.
    """

    verdict: Verdict
    changes: tuple[Change, ...]

    def to(self, metadata: Metadata) -> Verdict:
        """The verdict for the pod of these names and labels, in words that name it."""
        pod = self.verdict.pod
        written = metadata if pod.metadata is None else _with_annotations(metadata, pod.metadata)
        return replace(self.verdict, pod=replace(pod, metadata=written))


class Authorizer(Protocol):
    """Who says who may use which policy: RBAC that was read, or a server that is asked."""

    def may_use(self, identity: Identity, policy: str, namespace: str) -> bool:
        """Whether the identity may use the policy for pods of the namespace."""


def _as_it_is(pod: Pod) -> Pod:
    return pod


class Evaluator:
    """What the plugin says to workloads, with these policies and this authorizer in the cluster.

    Args:
        accounts: the service accounts by namespace and name, where they are known: one may keep its token to itself.
        operation: what is asked; `UPDATE` where nothing may be written into a pod.
        read: the pod as the server reads it, where that is not of 1.24.
    """

    def __init__(
        self,
        policies: Iterable[PodSecurityPolicy],
        authorizer: Authorizer,
        *,
        accounts: Mapping[tuple[str, str], ServiceAccount] | None = None,
        operation: Operation = "CREATE",
        read: Callable[[Pod], Pod] = _as_it_is,
    ) -> None:
        self._operation = operation
        self._read = read
        self._policies = sorted((Prepared.of(as_stored(policy)) for policy in policies), key=lambda each: each.name)
        self._authorizer = authorizer
        self._accounts = accounts or {}
        self._answers: dict[bytes, Answer] = {}

    def judge(self, workload: Workload) -> Verdict:
        """The plugin's verdict on the pods of the workload.

        Raises:
            InvalidInput: its pod has a field of a wrong type, which an API server would not take.
        """
        question = Question.of(workload, str(workload))
        return self.answer(question).to(names(workload))

    def answer(self, question: Question) -> Answer:
        """The answer to the question, worked out when it is put for the first time."""
        known = self._answers.get(question.key)
        if known is None:
            self._answers[question.key] = known = self._answered(question)
        return known

    def _answered(self, question: Question) -> Answer:
        account = self._accounts.get((question.namespace, service_account_name(question.pod) or ""))
        seen = self._read(as_seen(question.pod, question.namespace, service_account=account))
        # What is looked at in an update has been stored before.
        pod = seen if self._operation == "CREATE" else as_kept(seen)
        request = Request(operation=self._operation, pod=pod, namespace=question.namespace, user=question.creator)
        verdict = choose(request, self._policies, self._authorizer.may_use)
        written = changes(pod, verdict.pod) if verdict.admitted else ()
        mark = ("metadata", "annotations", PSP_ANNOTATION)
        return Answer(verdict=verdict, changes=tuple(change for change in written if change.path != mark))


def names(workload: Workload) -> Metadata:
    """The names and labels of a workload's pods."""
    return msgspec.convert(workload.pod["metadata"], Metadata)


def _with_annotations(metadata: Metadata, written: Metadata) -> Metadata:
    return replace(metadata, annotations=written.annotations)

"""Which policy a pod gets, and why not another: the control flow of the PodSecurityPolicy plugin of Kubernetes 1.24.

A pod that is created gets the first policy by name that it fits without a change, else the first that it fits with one.
A pod that is updated is only looked at, the policy it was created with first.

Two shortcuts give the plugin's answer sooner. Whether a policy may be used is asked before it judges, not after. And
each control judges the pod with its own defaults alone, because no control reads what another one writes: so a question
that several policies ask has one answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from pulumi_pod_security.admission.defaulting import as_kept, service_account_name
from pulumi_pod_security.admission.prepared import Prepared, Question
from pulumi_pod_security.admission.request import Outcome, Request, Step, Verdict
from pulumi_pod_security.controls.pod import Metadata, Pod, PodSpec, containers, with_annotation
from pulumi_pod_security.controls.printing import quoted
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.policy.identity import Identity

__all__ = ["PSP_ANNOTATION", "MayUse", "choose"]

MayUse = Callable[[Identity, str, str], bool]
"""Whether an identity may use the policy of that name for pods of that namespace."""

PSP_ANNOTATION = "kubernetes.io/psp"

_by_name = attrgetter("name")


def choose(request: Request, policies: Sequence[Prepared], may_use: MayUse) -> Verdict:
    """The plugin's answer to a request, with these policies in the cluster, in whatever order."""
    if _is_ignored(request):
        return Verdict(admitted=True, policy=None, pod=request.pod)
    answers = _Answers(request.pod)
    steps = _tried(request, policies, may_use, answers)
    chosen = _chosen(request, steps)
    if chosen is None:
        return _refused(request, steps, answers)
    steps[chosen] = step = dataclasses.replace(steps[chosen], outcome="chosen")
    pod = request.pod
    if request.operation == "CREATE":
        pod = as_kept(with_annotation(answers.written(step.prepared), PSP_ANNOTATION, step.policy))
    return Verdict(admitted=True, policy=step.policy, pod=pod, steps=tuple(steps))


def _tried(request: Request, policies: Sequence[Prepared], may_use: MayUse, answers: _Answers) -> list[Step]:
    """Every policy up to the first that the pod fits as it is."""
    who = _askers(request)
    steps: list[Step] = []
    for prepared in _in_order(request, policies):
        outcome: Outcome = "cannot be built"
        if not prepared.faults:
            usable = any(may_use(each, prepared.name, request.namespace) for each in who)
            outcome = answers.outcome(prepared) if usable else "may not be used"
        steps.append(Step(prepared=prepared, outcome=outcome, given=request.pod))
        if outcome == "chosen":
            break
    return steps


def _in_order(request: Request, policies: Sequence[Prepared]) -> list[Prepared]:
    ordered = sorted(policies, key=_by_name)
    if request.operation == "UPDATE":
        before = request.pod.annotations.get(PSP_ANNOTATION)
        ordered.sort(key=lambda prepared: prepared.name != before)
    return ordered


def _askers(request: Request) -> list[Identity]:
    account = service_account_name(request.pod)
    return [Identity.service_account(request.namespace, account), request.user] if account else [request.user]


class _Answer(NamedTuple):
    written: Pod
    reasons: tuple[Reason, ...]


class _Answers:
    """What a pod answers to questions: nothing is asked twice."""

    def __init__(self, pod: Pod) -> None:
        self._pod = pod
        self._known: dict[Question, _Answer] = {}

    def outcome(self, prepared: Prepared) -> Outcome:
        """What the policy does with the pod; `chosen` stands for a policy that the pod fits as it is."""
        outcome: Outcome = "chosen"
        for question in prepared.questions:
            answer = self._known.get(question) or self._ask(question)
            if answer.reasons:
                return "refuses"
            if answer.written is not self._pod:
                outcome = "mutates"
        return outcome

    def written(self, prepared: Prepared) -> Pod:
        """The pod with everything that an admitting policy writes."""
        pod = self._pod
        for question in prepared.questions:
            alone = self._known[question].written
            if alone is not self._pod:
                pod = alone if pod is self._pod else question.default(pod)
        return pod

    def reasons(self, prepared: Prepared) -> Iterator[Reason]:
        """Every reason of the policy."""
        for question in prepared.questions:
            yield from (self._known.get(question) or self._ask(question)).reasons

    def _ask(self, question: Question) -> _Answer:
        written = question.default(self._pod)
        answer = _Answer(written=written, reasons=tuple(question.judge(written)))
        self._known[question] = answer
        return answer


def _chosen(request: Request, steps: Sequence[Step]) -> int | None:
    if steps and steps[-1].outcome == "chosen":
        return len(steps) - 1
    if request.operation == "UPDATE":
        return None
    return next((index for index, step in enumerate(steps) if step.outcome == "mutates"), None)


def _refused(request: Request, steps: Sequence[Step], answers: _Answers) -> Verdict:
    refusing = (step.prepared for step in steps if step.outcome == "refuses")
    reasons = tuple(reason for prepared in refusing for reason in answers.reasons(prepared))
    message = _message(request, reasons, buildable=any(step.outcome != "cannot be built" for step in steps))
    return Verdict(admitted=False, policy=None, pod=request.pod, reasons=reasons, steps=tuple(steps), message=message)


def _message(request: Request, reasons: Sequence[Reason], *, buildable: bool) -> str:
    metadata = request.pod.metadata or Metadata()
    name = metadata.name or metadata.generate_name or "Unknown"
    verb = "admit" if request.operation == "CREATE" else "validate"
    listed = f"unable to {verb} pod: [{' '.join(map(str, reasons))}]"
    cause = listed if buildable else "no providers available to validate pod request"
    return f"pods {quoted(name)} is forbidden: PodSecurityPolicy: {cause}"


def _is_ignored(request: Request) -> bool:
    if request.subresource:
        return True
    return request.operation == "UPDATE" and request.old is not None and _updates(request.pod) == _updates(request.old)


def _updates(pod: Pod) -> tuple[Any, ...]:
    """All that an update can change; owners and finalizers, which do not count, are not in a `Pod`."""
    metadata, spec = pod.metadata or Metadata(), pod.spec or PodSpec()
    return (
        metadata.generate_name or "",
        metadata.labels or {},
        metadata.annotations or {},
        [container.image or "" for _, container in containers(pod)],
        spec.active_deadline_seconds,
        30 if spec.termination_grace_period_seconds is None else spec.termination_grace_period_seconds,
        [{key: value for key, value in each.items() if value not in (None, "")} for each in spec.tolerations or ()],
    )

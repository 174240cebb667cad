"""Which policy a pod gets, and why not another: the control flow of the PodSecurityPolicy plugin of Kubernetes 1.24.

A pod that is created gets the first policy by name that it fits without a change, else the first that it fits with one.
A pod that is updated is only looked at, the policy it was created with first.

Two shortcuts give the plugin's answer sooner. Whether a policy may be used is asked before it judges, not after. And
each control judges the pod with its own defaults alone, because no control reads what another one writes: so a question
that several policies ask has one answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

from pulumi_pod_security.admission.defaulting import as_kept, service_account_name
from pulumi_pod_security.admission.prepared import Answers, Prepared
from pulumi_pod_security.admission.request import Outcome, Request, Step, Verdict
from pulumi_pod_security.controls.control import Answer
from pulumi_pod_security.controls.pod import Metadata, Pod, PodSpec, each_container, with_annotation
from pulumi_pod_security.policy.identity import Identity

__all__ = ["PSP_ANNOTATION", "MayUse", "choose"]

MayUse = Callable[[Identity, str, str], bool]
"""Whether an identity may use the policy of that name for pods of that namespace."""

PSP_ANNOTATION = "kubernetes.io/psp"

_by_name = attrgetter("name")
_OUTCOMES: Mapping[Answer, Outcome] = {"fits": "chosen", "mutates": "mutates", "refuses": "refuses"}
_service_account = lru_cache(maxsize=1024)(Identity.service_account)


def choose(request: Request, policies: Sequence[Prepared], may_use: MayUse) -> Verdict:
    """The plugin's answer to a request, with these policies in the cluster, in whatever order."""
    pod = request.pod
    if _is_ignored(request):
        return Verdict(admitted=True, policy=None, pod=pod)
    answers = Answers(pod)
    steps = _tried(request, policies, may_use, answers)
    chosen = _chosen(request, steps)
    if chosen is None:
        return Verdict(admitted=False, policy=None, pod=pod, steps=tuple(steps), operation=request.operation)
    steps[chosen] = step = replace(steps[chosen], outcome="chosen")
    if request.operation == "CREATE":
        pod = as_kept(with_annotation(answers.written(step.prepared), PSP_ANNOTATION, step.policy))
    return Verdict(admitted=True, policy=step.policy, pod=pod, steps=tuple(steps), operation=request.operation)


def _tried(request: Request, policies: Sequence[Prepared], may_use: MayUse, answers: Answers) -> list[Step]:
    """Every policy up to the first that the pod fits as it is."""
    who, namespace = _askers(request), request.namespace
    steps: list[Step] = []
    for prepared in _in_order(request, policies):
        outcome: Outcome = "may not be used"
        if prepared.faults:
            outcome = "cannot be built"
        elif any(map(may_use, who, repeat(prepared.name), repeat(namespace))):
            outcome = _OUTCOMES[answers.to(prepared)]
        steps.append(Step(prepared=prepared, outcome=outcome, answers=answers))
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
    return [_service_account(request.namespace, account), request.user] if account else [request.user]


def _chosen(request: Request, steps: Sequence[Step]) -> int | None:
    if steps and steps[-1].outcome == "chosen":
        return len(steps) - 1
    if request.operation == "UPDATE":
        return None
    return next((index for index, step in enumerate(steps) if step.outcome == "mutates"), None)


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
        [container.image or "" for container in each_container(pod)],
        spec.active_deadline_seconds,
        30 if spec.termination_grace_period_seconds is None else spec.termination_grace_period_seconds,
        [{key: value for key, value in each.items() if value not in (None, "")} for each in spec.tolerations or ()],
    )

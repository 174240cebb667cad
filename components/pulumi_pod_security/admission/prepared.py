"""A policy made ready to judge many pods: what each of its controls asks is worked out once.

Policies that ask the same in some control share the question, so that a pod has to answer it once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.control import Answer, Control
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable

__all__ = ["Prepared", "Question"]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Question:
    """What a control asks of pods under some settings; equal questions are one object, found by its identity.

    Attributes:
        default: the pod with what is written for this question; the same object when that is nothing.
        judge: what there is against the pod, which has this question's defaults.
        answer: what becomes of a pod without them.
    """

    control: Control[Any]
    default: Callable[[Pod], Pod]
    judge: Callable[[Pod], Reasons]
    answer: Callable[[Pod], Answer]


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A policy with the questions it asks, in the plugin's order.

    Attributes:
        faults: Why the plugin cannot build the policy's strategies; it then passes the policy by, for every pod.
    """

    policy: PodSecurityPolicy
    name: str
    faults: tuple[Fault, ...]
    questions: tuple[Question, ...] = field(repr=False)

    @classmethod
    def of(cls, policy: PodSecurityPolicy) -> Prepared:
        """The policy, as the server keeps it (see `policy.stored`), made ready."""
        faults = tuple(unusable(policy.spec))
        asked = () if faults else ((control, control.settings(policy)) for control in CONTROLS)
        questions = tuple(_question(control, settings) for control, settings in asked if settings is not None)
        return cls(policy=policy, name=policy.name, faults=faults, questions=questions)

    def default(self, pod: Pod) -> Pod:
        """The pod with everything the policy writes; the same object when that is nothing."""
        for question in self.questions:
            pod = question.default(pod)
        return pod

    def judge(self, pod: Pod) -> Reasons:
        """Every reason to refuse the pod, which has the policy's defaults already."""
        return tuple(chain.from_iterable(question.judge(pod) for question in self.questions))


@lru_cache(maxsize=4096)
def _question(control: Control[Any], settings: Hashable) -> Question:
    return Question(
        control=control,
        default=partial(control.default, settings),
        judge=partial(control.judge, settings),
        answer=partial(control.answer, settings),
    )

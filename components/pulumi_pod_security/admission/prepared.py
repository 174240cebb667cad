"""A policy made ready to judge many pods: what each of its controls asks is worked out once.

Policies that ask the same in some control share the question, so that a pod has to answer it once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain, repeat
from typing import Any

from pulumi_pod_security.controls import CONTROLS
from pulumi_pod_security.controls.control import Answer, Control, Part
from pulumi_pod_security.controls.pod import Pod, each_container, pod_security, security
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable

__all__ = ["Answers", "Asked", "Prepared", "Question"]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Question:
    """What a control asks of pods under some settings; found by its identity, which equal questions share.

    Of the 4,096 that were asked last: further ones are asked again, with the same answers.

    Attributes:
        default: the pod with what is written for this question; the same object when that is nothing.
        judge: what there is against the pod, which has this question's defaults.
        answer: what becomes of the control's part of a pod without them.
    """

    control: Control[Any]
    default: Callable[[Pod], Pod]
    judge: Callable[[Pod], Reasons]
    answer: Callable[..., Answer]


@dataclass(frozen=True, eq=False, kw_only=True, slots=True)
class Asked:
    """Questions about the same part of a pod, put together; found by its identity, like a question.

    Attributes:
        answer: what becomes of a pod.
    """

    questions: tuple[Question, ...]
    answer: Callable[[Pod], Answer]

    def default(self, pod: Pod) -> Pod:
        """The pod with what is written for these questions; the same object when that is nothing."""
        for question in self.questions:
            pod = question.default(pod)
        return pod


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A policy with the questions it asks, in the plugin's order.

    Attributes:
        faults: Why the plugin cannot build the policy's strategies; it then passes the policy by, for every pod.
        asked: The same questions by the part of a pod they are about.
    """

    policy: PodSecurityPolicy
    name: str
    faults: tuple[Fault, ...]
    questions: tuple[Question, ...] = field(repr=False)
    asked: tuple[Asked, ...] = field(repr=False)

    @classmethod
    def of(cls, policy: PodSecurityPolicy) -> Prepared:
        """The policy, as the server keeps it (see `policy.stored`), made ready."""
        faults = tuple(unusable(policy.spec))
        said = () if faults else ((control, control.settings(policy)) for control in CONTROLS)
        questions = tuple(_question(control, settings) for control, settings in said if settings is not None)
        return cls(policy=policy, name=policy.name, faults=faults, questions=questions, asked=tuple(_asked(questions)))

    def default(self, pod: Pod) -> Pod:
        """The pod with everything the policy writes; the same object when that is nothing."""
        for question in self.questions:
            pod = question.default(pod)
        return pod

    def judge(self, pod: Pod) -> Reasons:
        """Every reason to refuse the pod, which has the policy's defaults already."""
        return tuple(chain.from_iterable(question.judge(pod) for question in self.questions))


class Answers:
    """What a pod answers to policies: nothing is asked twice. Equal for equal pods."""

    __slots__ = ("_known", "_reasons", "pod")

    def __init__(self, pod: Pod) -> None:
        self.pod = pod
        self._known: dict[Asked, Answer] = {}
        self._reasons: dict[Question, Reasons] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answers) and self.pod == other.pod

    __hash__ = None  # type: ignore[assignment]

    def to(self, prepared: Prepared) -> Answer:
        """What becomes of the pod under the policy."""
        worst: Answer = "fits"
        pod, known = self.pod, self._known
        for asked in prepared.asked:
            answer = known.get(asked)
            if answer is None:
                known[asked] = answer = asked.answer(pod)
            if answer == "refuses":
                return "refuses"
            if answer == "mutates":
                worst = "mutates"
        return worst

    def written(self, prepared: Prepared) -> Pod:
        """The pod with everything that a policy writes which it was asked about (`to`) and which admits it."""
        pod = self.pod
        for asked in prepared.asked:
            if self._known[asked] == "mutates":
                pod = asked.default(pod)
        return pod

    def reasons(self, prepared: Prepared) -> Reasons:
        """Everything that the policy has against the pod, in its order."""
        for asked in prepared.asked:
            may_refuse = self._known.get(asked, "refuses") == "refuses"
            for question in asked.questions:
                if question not in self._reasons:
                    self._reasons[question] = question.judge(question.default(self.pod)) if may_refuse else ()
        return tuple(chain.from_iterable(map(self._reasons.__getitem__, prepared.questions)))


@lru_cache(maxsize=4096)
def _question(control: Control[Any], settings: Hashable) -> Question:
    return Question(
        control=control,
        default=partial(control.default, settings),
        judge=partial(control.judge, settings),
        answer=partial(control.answer, settings),
    )


def _asked(questions: Iterable[Question]) -> Iterator[Asked]:
    """Equal security contexts have equal answers, so what is about them alone is asked together."""
    about: dict[Part, list[Question]] = {"security": [], "container": [], "pod": []}
    for question in questions:
        about[question.control.part].append(question)
    if about["security"]:
        yield _about_security(tuple(about["security"]))
    if about["container"]:
        yield _about_containers(tuple(about["container"]))
    yield from map(_about_pod, about["pod"])


@lru_cache(maxsize=512)
def _about_pod(question: Question) -> Asked:
    return Asked(questions=(question,), answer=question.answer)


@lru_cache(maxsize=512)
def _about_security(questions: tuple[Question, ...]) -> Asked:
    answer_of = _together(questions)
    return Asked(questions=questions, answer=lambda pod: answer_of(pod_security(pod)))


@lru_cache(maxsize=512)
def _about_containers(questions: tuple[Question, ...]) -> Asked:
    answer_of = _together(questions)

    def answer(pod: Pod) -> Answer:
        inherited = pod_security(pod)
        return _worst(map(answer_of, map(security, each_container(pod)), repeat(inherited)))

    return Asked(questions=questions, answer=answer)


def _together(questions: Iterable[Question]) -> Callable[..., Answer]:
    """The answer to all of the questions; most parts of a cluster's pods are equal to those of other pods."""
    answers = [question.answer for question in questions]

    @lru_cache(maxsize=1024)
    def answer_of(*part: Hashable) -> Answer:
        return _worst(answer(*part) for answer in answers)

    return answer_of


def _worst(answers: Iterable[Answer]) -> Answer:
    worst: Answer = "fits"
    for answer in answers:
        if answer == "refuses":
            return "refuses"
        if answer == "mutates":
            worst = "mutates"
    return worst

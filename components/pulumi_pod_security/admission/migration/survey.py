"""What the levels of the standards say to every workload, beside what the policies say to it today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_pod_security.admission.conversion import converted
from pulumi_pod_security.admission.evaluate import Evaluator, Question
from pulumi_pod_security.admission.findings import natural
from pulumi_pod_security.admission.migration.levels import TIGHTEST_FIRST
from pulumi_pod_security.admission.standards import LATEST, Standard, StandardLevel, judge
from pulumi_pod_security.admission.syncing import as_synced
from pulumi_pod_security.admission.workloads import Entry, Workload
from pulumi_pod_security.controls.check import Refusal
from pulumi_pod_security.controls.pod import Pod

__all__ = ["Survey", "Surveyed"]

Refusals = Mapping[StandardLevel, tuple[Refusal, ...]]
"""What each level has against a pod."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surveyed:
    """A workload between its policies and the levels.

    Attributes:
        where: the place it was read from.
        policy: the one that lets its pods in today; None when none does.
        refusals: what each level has against them.
    """

    where: str
    workload: Entry
    policy: str | None
    refusals: Refusals

    def passes(self, level: StandardLevel) -> bool:
        """Whether the level admits its pods."""
        return not self.refusals[level]


@dataclass(frozen=True, slots=True)
class _Seen:
    where: str
    workload: Entry
    question: Question
    refusals: Refusals

    @property
    def likeness(self) -> tuple[Any, ...]:
        return (self.question.key, *self.refusals.values())

    @property
    def place(self) -> tuple[Any, ...]:
        one = self.workload
        return (one.namespace, one.kind, one.name, natural(self.where))


@dataclass(kw_only=True)
class Survey:
    """Looks at every workload that is read, for a `Gathering` to `watch` by.

    Of the pods and other objects that a listed one re-creates, those that nobody can tell from it are left out.

    Attributes:
        version: of the standards.
    """

    version: str = LATEST
    _free: list[_Seen] = field(default_factory=list)
    _owned: dict[tuple[Any, ...], _Seen] = field(default_factory=dict)

    def see(self, where: str, workload: Workload, question: Question) -> None:
        """Look at one.

        Raises:
            InvalidInput: its pod has a field of a wrong type.
        """
        pod = as_synced(converted(workload.pod, Pod, where))
        refusals = {level: judge(pod, Standard(level=level, version=self.version)).refusals for level in TIGHTEST_FIRST}
        seen = _Seen(where, _entry(workload), question, refusals)
        if not workload.owned:
            self._free.append(seen)
            return
        known = self._owned.get(seen.likeness)
        if known is None or seen.place < known.place:
            self._owned[seen.likeness] = seen

    def result(self, evaluator: Evaluator) -> tuple[Surveyed, ...]:
        """All of them by name, with what the policies say."""
        free = {seen.likeness for seen in self._free}
        listed = (*self._free, *(seen for likeness, seen in self._owned.items() if likeness not in free))
        return tuple(_surveyed(sorted(listed, key=lambda seen: seen.place), evaluator))


def _surveyed(listed: Iterable[_Seen], evaluator: Evaluator) -> Iterable[Surveyed]:
    for seen in listed:
        policy = evaluator.answer(seen.question).verdict.policy
        yield Surveyed(where=seen.where, workload=seen.workload, policy=policy, refusals=seen.refusals)


def _entry(workload: Workload) -> Entry:
    """The workload without its pod, which nobody needs any more."""
    return Entry(
        namespace=workload.namespace,
        kind=workload.kind,
        name=workload.name,
        service_account=workload.service_account,
        creator=workload.creator,
        replicas=workload.replicas,
        owned=workload.owned,
    )

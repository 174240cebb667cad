"""What `check` finds: a verdict for every workload, a fault for everything that could not be read, and counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from shlex import quote

from pulumi_pod_security.admission.changes import Change
from pulumi_pod_security.admission.evaluate import Answer
from pulumi_pod_security.admission.request import Verdict
from pulumi_pod_security.admission.workloads import Entry
from pulumi_pod_security.controls.pod import Metadata
from pulumi_pod_security.controls.reason import Reason
from pulumi_pod_security.errors import Fault

__all__ = ["Counts", "Judged", "Report", "Unread", "natural"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A workload with its verdict.

    Attributes:
        where: the place it was read from, such as `shop.yaml[2]`.
        generate_name: how the names of its pods begin.
        answer: the verdict on all workloads that put the same question.
    """

    where: str
    workload: Entry
    generate_name: str
    answer: Answer

    @property
    def verdict(self) -> Verdict:
        """The verdict on its pods, in words that name them; the pod in it has what policies read."""
        return self.answer.to(Metadata(generate_name=self.generate_name, namespace=self.workload.namespace))

    @property
    def changes(self) -> tuple[Change, ...]:
        """What the policy writes into its pods, the plugin's own mark left out."""
        return self.answer.changes

    @property
    def admitted(self) -> bool:
        """Whether its pods are let in."""
        return self.answer.verdict.admitted

    @property
    def policy(self) -> str | None:
        """The policy that lets its pods in; None when they are refused."""
        return self.answer.verdict.policy

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why its pods are refused, as the server tells it."""
        return self.answer.verdict.reasons


@dataclass(frozen=True, kw_only=True, slots=True)
class Unread:
    """Custom resources of one kind, of which nobody said that they create pods.

    Attributes:
        kind: group and kind, such as `argoproj.io/Rollout`.
        where: the first of them by place.
        templates: where they seem to embed pod templates.
    """

    kind: str
    where: str
    count: int
    templates: tuple[str, ...]

    def __str__(self) -> str:
        text = f"{self.where}: {self.kind} is no kind of Kubernetes' own and was not judged"
        more = f" ({self.count} of them)" if self.count > 1 else ""
        hint = "; it seems to embed pods, to judge them add " if self.templates else ""
        # What is ready to be pasted into a shell must be one word there, whatever a file calls its kind.
        return text + more + hint + " or ".join(f"--template {quote(f'{self.kind}={path}')}" for path in self.templates)


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How many objects were what; every document that was read is counted once.

    Attributes:
        workloads: those that create pods, `repeated` ones included.
        over: finished pods and Jobs, and pods that are being deleted.
        others: Kubernetes objects that create no pods, by group and kind.
        unread: custom resources of which nobody said that they create pods.
        faulty: those that could not be read, or that an API server would not take.
        repeated: workloads that are not listed, because they are the pods, or the like, of one that is.
    """

    workloads: int = 0
    over: int = 0
    policies: int = 0
    rbac: int = 0
    accounts: int = 0
    others: Mapping[str, int]
    unread: int = 0
    faulty: int = 0
    repeated: int = 0

    @property
    def documents(self) -> int:
        """All of them."""
        known = self.workloads + self.over + self.policies + self.rbac + self.accounts
        return known + sum(self.others.values()) + self.unread + self.faulty


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What `check` finds. The order is by name and place, whatever the order in which things were given.

    Attributes:
        workloads: by namespace, kind and name.
        policies: the names of the policies they were judged by.
    """

    workloads: tuple[Judged, ...]
    faults: tuple[Fault, ...]
    unread: tuple[Unread, ...]
    policies: tuple[str, ...]
    counts: Counts

    @property
    def refused(self) -> tuple[Judged, ...]:
        """The workloads whose pods are not let in."""
        return tuple(found for found in self.workloads if not found.admitted)

    @property
    def incomplete(self) -> bool:
        """Whether there may be pods that were not judged: something could not be read, or it is not known where a
        custom resource embeds them."""
        return bool(self.faults) or any(unread.templates for unread in self.unread)


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """The text as people sort it: `a[2]` before `a[10]`."""
    parts = re.split(r"([0-9]{1,18})", text)
    return tuple((int(part), "") if index % 2 else (0, part) for index, part in enumerate(parts))

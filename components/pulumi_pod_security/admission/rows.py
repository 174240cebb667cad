"""The workloads that a report lists, chosen while they come in, so that the pods of one owner cost no memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby
from sys import intern
from typing import Any

from pulumi_pod_security.admission.evaluate import Question
from pulumi_pod_security.admission.findings import natural
from pulumi_pod_security.admission.workloads import Entry, Workload

__all__ = ["Row", "Rows"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A workload, its place and its question.

    Attributes:
        generate_name: how its pods' names begin.
    """

    where: str
    entry: Entry
    generate_name: str
    question: Question

    @property
    def named(self) -> tuple[str, str, str]:
        """What it is sorted by first."""
        return (self.entry.namespace, self.entry.kind, self.entry.name)

    @property
    def placed(self) -> tuple[Any, ...]:
        """What tells those of one name apart, whatever the order in which they come."""
        return (natural(self.where), self.generate_name, self.question.key)

    def before(self, other: Row) -> bool:
        """Whether it comes first in a report."""
        if self.named != other.named:
            return self.named < other.named
        return self.placed < other.placed


@dataclass(kw_only=True)
class Rows:
    """What is listed of everything so far.

    Listed are all that nobody owns, and of the owned ones the first of those that put one question, unless one that
    nobody owns puts it too.
    """

    _free: list[Row] = field(default_factory=list)
    _owned: dict[bytes, Row] = field(default_factory=dict)
    _questions: dict[bytes, Question] = field(default_factory=dict)
    _count: int = 0

    def add(self, where: str, workload: Workload, question: Question) -> Row:
        """Look at one more workload; gives its own row, listed or not."""
        self._count += 1
        row = Row(
            where=where,
            entry=_entry(workload),
            generate_name=workload.pod["metadata"]["generateName"],
            question=self._questions.setdefault(question.key, question),
        )
        if not workload.owned:
            self._free.append(row)
            return row
        known = self._owned.get(question.key)
        if known is None or row.before(known):
            self._owned[question.key] = row
        return row

    def repeat(self, where: str, name: str, generate_name: str, earlier: Row) -> None:
        """Look at one more that is owned and differs from an earlier one in nothing but name and place."""
        self._count += 1
        known, like = self._owned[earlier.question.key], earlier.entry
        # Almost always it comes behind, and then no row is made for it.
        if (like.namespace, like.kind, name) <= known.named:
            entry = replace(like, name=name)
            row = Row(where=where, entry=entry, generate_name=generate_name, question=earlier.question)
            if row.before(known):
                self._owned[earlier.question.key] = row

    def listed(self) -> list[Row]:
        """The rows in order."""
        asked = {row.question.key for row in self._free}
        return list(_ordered((*self._free, *(row for key, row in self._owned.items() if key not in asked))))

    def repeated(self, listed: int) -> int:
        """How many were left out, where so many are listed."""
        return self._count - listed


def _entry(workload: Workload) -> Entry:
    return Entry(
        namespace=intern(workload.namespace),
        kind=workload.kind,
        name=workload.name,
        service_account=workload.service_account and intern(workload.service_account),
        creator=workload.creator,
        replicas=workload.replicas,
        owned=workload.owned,
    )


def _ordered(rows: Iterable[Row]) -> Iterator[Row]:
    for _, same in groupby(sorted(rows, key=lambda row: row.named), key=lambda row: row.named):
        found = list(same)
        yield from sorted(found, key=lambda row: row.placed) if len(found) > 1 else found

"""Policies and RBAC out of files and a cluster, to be asked who may use what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pulumi_pod_security.admission.documents import Read
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.rbac import Because, Pitfall, Rbac, pitfalls
from pulumi_pod_security.cli.collecting import Collection
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.looking import files
from pulumi_pod_security.cli.notes import collection_notes
from pulumi_pod_security.cli.progress import Working, working
from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Rights"]


@dataclass(frozen=True, kw_only=True)
class Rights:
    """What was read.

    Attributes:
        faults: what could not be read or used, RBAC that an API server would refuse included.
        notes: what is to be said of where it was read.
    """

    rbac: Rbac
    policies: tuple[PodSecurityPolicy, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    @classmethod
    def of(cls, paths: Sequence[str], live: Live | None, namespace: str) -> Rights:
        """Read files and, where there is one, the cluster; what files hold stands for the cluster's of that name."""
        gathering = Gathering(namespace=namespace, author=None, templates={})
        collection = Collection(gathering=gathering)
        with working() as told:
            collection.read(_layers(paths, live, told), told)
            report = gathering.report()
        return cls(
            rbac=gathering.rbac,
            policies=gathering.policies,
            faults=report.faults,
            notes=(*collection_notes(collection), *_notes(live)),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the policies."""
        return tuple(policy.name for policy in self.policies)

    def missing(self, answers: Iterable[Because]) -> list[str]:
        """The policies that the answers name and that are not there."""
        named = {answer.policy for answer in answers if answer.policy is not None}
        return sorted(named.difference(self.names))

    def pitfalls(self) -> tuple[Pitfall, ...]:
        """What is odd about them, the faults left out, which are told by themselves."""
        return tuple(found for found in pitfalls(self.rbac, self.policies) if found.kind != "fault")


def _layers(paths: Sequence[str], live: Live | None, told: Working) -> Iterator[Iterable[Read]]:
    yield files(paths)
    if live:
        yield live.access(told)


def _notes(live: Live | None) -> Iterator[str]:
    if live and live.removed:
        yield f"{live.removed}: the rights are still there, and nothing asks for them"

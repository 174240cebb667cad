"""Levels of the Pod Security Standards in namespaces of a cluster: rehearsed, made, and given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.labelling import Labelled, Labelling
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.cluster.standards import require_admitted, require_standards
from pulumi_pod_security.targets.psa import MODES, enforced, psa_labels, standard_from_text

__all__ = ["NamespaceLevels"]


@dataclass(frozen=True, kw_only=True)
class NamespaceLevels:
    """Standards by mode, for namespaces under one field manager."""

    cluster: Cluster
    labelling: Labelling
    standards: Mapping[str, Standard]

    @classmethod
    def of(cls, cluster: Cluster, props: Mapping[str, Any]) -> NamespaceLevels:
        """From a resource's inputs; what names no version is pinned to the server's."""
        pinned = f"v1.{cluster.version.minor}"
        return cls(
            cluster=cluster,
            labelling=Labelling(api=cluster.api, manager=props["manager"], take_over=frozenset(props["take_over"])),
            standards={mode: standard_from_text(props[mode], pinned) for mode in MODES if props.get(mode) is not None},
        )

    @property
    def labels(self) -> dict[str, str]:
        """What each namespace gets."""
        return psa_labels(self.standards)

    def are_so(self, names: Iterable[str]) -> bool:
        """Whether every namespace is there and has the labels from us."""
        found = self.cluster.ask(self.labelling.found, sorted(set(names)))
        return all(each and self.labelling.is_so(each, self.labels) for each in found)

    def rehearse(self, names: Iterable[str], leaving: Iterable[str] = ()) -> frozenset[str]:
        """Look at what would come of it, and of giving back the leaving ones; says which of the named are there.

        Raises:
            PreflightRefused: with every conflict, or every workload that would not be admitted.
            ClusterError: no server answers, or what is to be given back cannot be read.
        """
        require_standards(self.cluster)
        named, left = self._there(names), self._there(leaving)
        self._require_no_conflict(named)
        ends = [*((each, self.labels) for each in named), *((each, {}) for each in left)]
        changes = {
            each.name: (enforced(each.labels), enforced(self.labelling.afterwards(each, labels)))
            for each, labels in ends
        }
        require_admitted(self.cluster, changes)
        return frozenset(each.name for each in named)

    def make(self, names: Iterable[str], since: Iterable[str] = ()) -> None:
        """Label them all; when one fails, those that were not ours `since` before are given back.

        Raises:
            PreflightRefused: as `rehearse`, or a namespace is not there, which is never created.
            ClusterError: one failed.
        """
        there = self.rehearse(names)
        missing = sorted(set(names) - there)
        if missing:
            where = self.cluster.api.where
            heading = f"these namespaces are not at {where}; no label was changed, and none is created here"
            raise PreflightRefused(listed(heading, missing))
        try:
            self.cluster.ask(lambda name: self.labelling.apply(name, self.labels), sorted(there))
        except ClusterError as error:
            raise self._undone(there - set(since), error) from None

    def give_back(self, names: Iterable[str]) -> None:
        """Let each have what it had before; raises ClusterError."""
        self.cluster.ask(lambda name: self.labelling.apply(name, {}), sorted(names))

    def _undone(self, names: Iterable[str], error: ClusterError) -> ClusterError:
        try:
            self.give_back(names)
        except ClusterError as other:
            return ClusterError(f"{error}; and the labels made before that are still there, for: {other}; run it again")
        return ClusterError(f"{error}; the labels made before that were taken back")

    def _there(self, names: Iterable[str]) -> list[Labelled]:
        return list(filter(None, self.cluster.ask(self.labelling.found, sorted(set(names)))))

    def _require_no_conflict(self, named: Iterable[Labelled]) -> None:
        labels = self.labels
        conflicts = [f"{each.name}: {taken}" for each in named for taken in self.labelling.conflicts(each, labels)]
        if conflicts:
            heading = (
                "others wrote these labels of Pod Security; no label was changed. Leave them to those others, or name "
                "the managers in take_over, and they get them back in the end; what is declared by server-side apply "
                "is changed where it is declared"
            )
            raise PreflightRefused(listed(heading, conflicts))

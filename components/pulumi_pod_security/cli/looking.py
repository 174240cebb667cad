"""What is read, looked over on its way to be judged: what notes and faults are told of afterwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from pulumi_pod_security.admission.documents import Document, Read, documents
from pulumi_pod_security.admission.kinds import group_kind
from pulumi_pod_security.admission.manifests import Meta
from pulumi_pod_security.admission.workloads import CONTROLLERS
from pulumi_pod_security.errors import Fault, InvalidInput

__all__ = ["Looking", "files"]

_STDIN = "-"
_WORKLOADS = frozenset({*CONTROLLERS, "CronJob", "Pod"})


class _Named(msgspec.Struct):
    metadata: Meta


def files(paths: Sequence[str]) -> Iterator[Read]:
    """What the paths hold. A standard input without anything is a fault: the command that was to write it may have
    failed."""
    for path in paths:
        empty = path == _STDIN
        for found in documents([path]):
            empty = False
            yield found
        if empty:
            allowed = "objects in YAML or JSON; did the command before the pipe fail?"
            yield Fault(path="stdin", value="no object", allowed=allowed)


@dataclass(kw_only=True)
class Looking:
    """Looks at what comes by.

    Attributes:
        templates: the custom resources that are said to embed pod templates, by group and kind.
        used: those of them that were there.
        nowhere: how many workloads name no namespace.
    """

    templates: Collection[str]
    used: set[str] = field(default_factory=set)
    nowhere: int = 0

    def over(self, found: Iterable[Read]) -> Iterator[Read]:
        """The same, looked at."""
        for read in found:
            if isinstance(read, Document):
                self._look(read)
            yield read

    def _look(self, read: Document) -> None:
        kind = group_kind(read.version, read.kind)
        if kind in self.templates:
            self.used.add(kind)
        elif read.kind not in _WORKLOADS:
            return
        # What is wrong with it is told where it is judged.
        with suppress(InvalidInput, RecursionError):
            self.nowhere += not read.typed(_Named).metadata.namespace

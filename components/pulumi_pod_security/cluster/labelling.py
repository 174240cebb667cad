"""The Pod Security labels of namespaces: made by server-side apply, and given back as they were.

What another field manager had written, and we were told to take over, is saved in an annotation by the request that
takes it over, so that nothing is lost whenever a run is killed. A namespace is never created: each request names the
uid of the one that was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from pulumi_pod_security.admission.conversion import decoder
from pulumi_pod_security.cluster.api import Api, ClusterError, Refused
from pulumi_pod_security.targets.psa import LABELS

__all__ = ["Labelled", "Labelling", "Taken"]

# How the annotations begin that hold what other field managers had written, as JSON; each of ours has one.
_EARLIER = "pulumi-pod-security/earlier-"
# Who holds the fields of an object that nobody's fields were recorded of, as the server will say at the first apply
# (pkg/endpoints/handlers/fieldmanager/skipnonapplied.go, k8s.io/apiserver v0.24.17).
_UNTRACKED = "before-first-apply"


class _Managed(msgspec.Struct, rename="camel"):
    manager: str = ""
    operation: str = ""
    fields: dict[str, Any] = msgspec.field(default_factory=dict, name="fieldsV1")

    def holds(self, label: str) -> bool:
        return f"f:{label}" in ((self.fields.get("f:metadata") or {}).get("f:labels") or {})


class _Metadata(msgspec.Struct, rename="camel"):
    name: str
    uid: str
    resource_version: str
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    managed_fields: list[_Managed] | None = None


class Labelled(msgspec.Struct):
    """A namespace, of which labels and their managers count."""

    metadata: _Metadata

    @property
    def name(self) -> str:
        """As the server spells it."""
        return self.metadata.name

    @property
    def labels(self) -> Mapping[str, str]:
        """All of them, not only those of Pod Security."""
        return self.metadata.labels or {}

    def managers(self, label: str) -> frozenset[str]:
        """Who wrote the label, or would be said to have."""
        tracked = self.metadata.managed_fields
        if not tracked:
            return frozenset({_UNTRACKED} if label in self.labels else ())
        return frozenset(found.manager for found in tracked if found.holds(label))

    def is_declared(self, label: str) -> bool:
        """Whether somebody declares the label by server-side apply, and would be in the way again."""
        return any(found.operation == "Apply" and found.holds(label) for found in self.metadata.managed_fields or ())


class Taken(msgspec.Struct, frozen=True):
    """What somebody else had written.

    Attributes:
        managers: the field managers that held it; the first gets it back.
    """

    label: str
    value: str
    managers: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]

    def __str__(self) -> str:
        return f"{self.label}={self.value} of {', '.join(map(repr, self.managers))}"


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """Namespaces' labels under one field manager.

    Attributes:
        manager: its name.
        take_over: the managers whose labels may be replaced.
    """

    api: Api
    manager: str
    take_over: frozenset[str] = frozenset()

    def found(self, name: str) -> Labelled | None:
        """The namespace; None where there is none. Raises ClusterError."""
        return self.api.find(_path(name), Labelled)

    def foreign(self, namespace: Labelled, labels: Mapping[str, str]) -> tuple[Taken, ...]:
        """The labels that others wrote otherwise."""
        return tuple(
            Taken(label, here, tuple(sorted(others)))
            for label, value in labels.items()
            if (here := namespace.labels.get(label, value)) != value
            and (others := namespace.managers(label) - {self.manager})
        )

    def conflicts(self, namespace: Labelled, labels: Mapping[str, str]) -> tuple[Taken, ...]:
        """Those of them that may not be replaced, or that somebody declares."""
        return tuple(
            taken
            for taken in self.foreign(namespace, labels)
            if namespace.is_declared(taken.label) or not self.take_over.issuperset(taken.managers)
        )

    def afterwards(self, namespace: Labelled, labels: Mapping[str, str]) -> dict[str, str]:
        """The labels that the namespace will have once `apply` gave it these."""
        ours = {label for label in LABELS if namespace.managers(label) == {self.manager}}
        others = {label: value for label, value in namespace.labels.items() if label not in ours}
        saved = {taken.label: taken.value for taken in self._saved(namespace) if taken.label in ours}
        return {**others, **saved, **labels}

    def is_so(self, namespace: Labelled, labels: Mapping[str, str]) -> bool:
        """Whether we hold these labels, and no other ones of Pod Security."""
        held = {label for label in LABELS if self.manager in namespace.managers(label)}
        return held == labels.keys() and all(namespace.labels.get(label) == value for label, value in labels.items())

    def apply(self, name: str, labels: Mapping[str, str]) -> None:
        """Give the namespace these labels and no other ones of ours; what was taken over for others goes back.

        A namespace that is gone has nothing to give back to.

        Raises:
            Refused: another manager holds one of them with another value, or the server does not let us.
            ClusterError: no server answers, or what was saved cannot be read.
        """
        attempts = Retrying(
            stop=stop_after_attempt(5), wait=wait_random(0, 0.3), retry=_changed_meanwhile, reraise=True
        )
        attempts(self._applied, name, labels)

    def _applied(self, name: str, labels: Mapping[str, str]) -> None:
        namespace = self.found(name)
        if namespace is None:
            return
        saved = self._saved(namespace)
        returning = [taken for taken in saved if taken.label not in labels]
        for manager in sorted({taken.managers[0] for taken in returning}):
            namespace = self._given_back(namespace, manager, returning)
        kept = {taken.label: taken for taken in self._adopted(namespace, labels)}
        kept |= {taken.label: taken for taken in saved if taken.label in labels}
        kept |= {taken.label: taken for taken in self.foreign(namespace, labels)}
        self._sent(namespace, labels, [kept[label] for label in sorted(kept)])

    @property
    def _annotation(self) -> str:
        return _EARLIER + sha256(self.manager.encode()).hexdigest()[:8]

    def _saved(self, namespace: Labelled) -> list[Taken]:
        """What we took over there."""
        text = (namespace.metadata.annotations or {}).get(self._annotation)
        if text is None:
            return []
        try:
            saved = decoder(list[Taken]).decode(text)
        except msgspec.MsgspecError as error:
            raise self._unreadable(namespace, str(error)) from None
        if not namespace.metadata.managed_fields:
            raise self._unreadable(namespace, "whose labels are whose is no longer on record")
        return saved

    def _adopted(self, namespace: Labelled, labels: Mapping[str, str]) -> Iterator[Taken]:
        """What another one of ours took over and we hold with it from now on: the last of us gives it back."""
        for name, text in (namespace.metadata.annotations or {}).items():
            if name.startswith(_EARLIER) and name != self._annotation:
                with suppress(msgspec.MsgspecError):
                    found = decoder(list[Taken]).decode(text)
                    here = namespace.labels
                    yield from (taken for taken in found if labels.get(taken.label, "") == here.get(taken.label))

    def _unreadable(self, namespace: Labelled, why: str) -> ClusterError:
        return ClusterError(
            f"{self.api.where}: what namespace {namespace.name} had before, in its annotation {self._annotation}, "
            f"cannot be given back ({why}); look at it with: kubectl get namespace {namespace.name} -o yaml; label it "
            f"as it should be, and then: kubectl annotate namespace {namespace.name} {self._annotation}-"
        )

    def _given_back(self, namespace: Labelled, manager: str, returning: Iterable[Taken]) -> Labelled:
        """What is ours alone becomes the manager's at the moment at which it has the value of before again."""
        labels = {
            taken.label: taken.value
            for taken in returning
            if taken.managers[0] == manager and namespace.managers(taken.label) == {self.manager}
        }
        if not labels:
            return namespace
        change = {"metadata": {"resourceVersion": namespace.metadata.resource_version, "labels": labels}}
        return self.api.patch(_path(namespace.name), change, Labelled, fieldManager=manager)

    def _sent(self, namespace: Labelled, labels: Mapping[str, str], kept: Sequence[Taken]) -> None:
        metadata: dict[str, Any] = {
            "name": namespace.name,
            "uid": namespace.metadata.uid,
            "resourceVersion": namespace.metadata.resource_version,
        }
        # What is empty would stay on record as ours.
        if labels:
            metadata["labels"] = dict(labels)
        if kept:
            metadata["annotations"] = {self._annotation: msgspec.json.encode(kept).decode()}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        force = json.dumps(bool(kept) and not self.conflicts(namespace, labels))
        self.api.apply(_path(namespace.name), manifest, Labelled, fieldManager=self.manager, force=force)


def _path(name: str) -> str:
    return f"/api/v1/namespaces/{quote(name, safe='')}"


@retry_if_exception
def _changed_meanwhile(error: BaseException) -> bool:
    """Whether the namespace is another one than was read, which no conflict of managers is."""
    return isinstance(error, Refused) and error.code == HTTPStatus.CONFLICT and "Apply failed" not in error.message

"""The Pod Security labels of namespaces: made by server-side apply, and given back as they were.

What another field manager had written, and we were told to take over, is saved in an annotation by the request that
takes it over, so that nothing is lost whenever a run is killed. A namespace is never created: each request names the
uid of the one that was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random

from pulumi_pod_security.cluster.api import Api, ClusterError, Refused
from pulumi_pod_security.targets.psa import LABELS

__all__ = ["EARLIER", "Labelled", "Labelling", "Taken"]

EARLIER = "pulumi-pod-security/earlier-labels"
"""The annotation with what other field managers had written, as JSON."""


class _Managed(msgspec.Struct, rename="camel"):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
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
        """Its name."""
        return self.metadata.name

    @property
    def labels(self) -> Mapping[str, str]:
        """Its labels."""
        return self.metadata.labels or {}

    def managers(self, label: str) -> frozenset[str]:
        """Who wrote the label."""
        return frozenset(found.manager for found in self.metadata.managed_fields or () if found.holds(label))


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
        """Those of them that may not be replaced."""
        return tuple(
            taken for taken in self.foreign(namespace, labels) if not self.take_over.issuperset(taken.managers)
        )

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
        kept = {taken.label: taken for taken in saved if taken.label in labels}
        kept |= {taken.label: taken for taken in self.foreign(namespace, labels)}
        self._sent(namespace, labels, [kept[label] for label in sorted(kept)])

    def _saved(self, namespace: Labelled) -> list[Taken]:
        """What we took over there."""
        text = (namespace.metadata.annotations or {}).get(EARLIER)
        if text is None or not any(found.manager == self.manager for found in namespace.metadata.managed_fields or ()):
            return []
        try:
            return msgspec.json.decode(text, type=list[Taken])
        except msgspec.MsgspecError as error:
            raise ClusterError(
                f"{self.api.where}: the annotation {EARLIER} of namespace {namespace.name} is not as it was saved "
                f"({error}); see it with: kubectl get namespace {namespace.name} -o yaml; once it is gone, nothing is "
                "given back"
            ) from None

    def _given_back(self, namespace: Labelled, manager: str, returning: Iterable[Taken]) -> Labelled:
        """What is still ours becomes the manager's at the moment at which it has the value of before again."""
        labels = {
            taken.label: taken.value
            for taken in returning
            if taken.managers[0] == manager and self.manager in namespace.managers(taken.label)
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
            metadata["annotations"] = {EARLIER: msgspec.json.encode(kept).decode()}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        force = json.dumps(bool(kept) and not self.conflicts(namespace, labels))
        self.api.apply(_path(namespace.name), manifest, Labelled, fieldManager=self.manager, force=force)


def _path(name: str) -> str:
    return f"/api/v1/namespaces/{quote(name, safe='')}"


@retry_if_exception
def _changed_meanwhile(error: BaseException) -> bool:
    """Whether the namespace is another one than was read, which no conflict of managers is."""
    return isinstance(error, Refused) and error.code == HTTPStatus.CONFLICT and "Apply failed" not in error.message

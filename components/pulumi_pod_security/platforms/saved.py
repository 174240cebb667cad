"""A provider's default objects, read from the live server and kept whole, so that they can be put back as they were.

Left out is only what a server writes into every object by itself; `metadata` keeps the rest, such as labels,
annotations and finalizers (`ObjectMeta` in meta/v1/types.go, k8s.io/apimachinery v0.24.17).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.named import named

__all__ = ["SavedObjects", "kept", "live"]

_SERVERS_OWN = frozenset(
    {
        "uid",
        "resourceVersion",
        "creationTimestamp",
        "generation",
        "managedFields",
        "selfLink",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    }
)


@dataclass(frozen=True, kw_only=True)
class SavedObjects:
    """What was there.

    Attributes:
        objects: every object by its reference, in the order in which they are removed; None for one that was not
            there, which is never made.
    """

    objects: Mapping[str, Mapping[str, Any] | None]

    @classmethod
    def read(cls, api: Api, references: Iterable[str]) -> SavedObjects:
        """What is there now; raises ClusterError."""
        found = {reference: live(api, reference) for reference in references}
        return cls(objects={reference: None if one is None else kept(one) for reference, one in found.items()})

    @classmethod
    def from_text(cls, text: str) -> SavedObjects:
        """What `text` says."""
        return cls(objects=json.loads(text))

    @property
    def text(self) -> str:
        """As JSON, for numbers in Pulumi's own maps come back as floats, and null not at all."""
        return json.dumps(dict(self.objects))

    @property
    def present(self) -> dict[str, Mapping[str, Any]]:
        """The objects that were there."""
        return {reference: found for reference, found in self.objects.items() if found is not None}

    def renewed(self, now: SavedObjects) -> SavedObjects:
        """What is there now, and what is gone since as it was."""
        return SavedObjects(objects={**now.objects, **self.present, **now.present})


def live(api: Api, reference: str) -> dict[str, Any] | None:
    """The object as the server has it, None where it has none; raises ClusterError."""
    return named(api, reference)


def kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what the server writes into it by itself."""
    metadata = {key: value for key, value in found["metadata"].items() if key not in _SERVERS_OWN}
    return {**found, "metadata": metadata}

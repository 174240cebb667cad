"""Pods that a server lists and that differ from an earlier one in nothing but their names, node and token volume.

They are told by their text, so that of a thousand pods of one template one is looked into. Where a text is not quite
as kube-apiserver writes it, nothing is told, and the pod is looked into.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import msgspec

from pulumi_pod_security.admission.conversion import decoder
from pulumi_pod_security.admission.manifests import PodOf
from pulumi_pod_security.admission.wellknown import MIRROR, TOKEN_PATH, TOKEN_PREFIX
from pulumi_pod_security.admission.workloads import FINISHED

__all__ = ["Replica", "replica"]

_TOKEN = f'"{TOKEN_PREFIX}'.encode()
_NODE = b',"nodeName":"'
_RANDOM = 5
# As the service account's own admission plugin writes them, and Go their JSON.
_BEFORE = b'"name":'
_BEHIND = (
    b'","projected":{"sources":[{"serviceAccountToken":',
    f'","readOnly":true,"mountPath":"{TOKEN_PATH}"}}'.encode(),
)


class _Pod(PodOf[msgspec.Raw]):
    """A pod whose spec is left unread."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Replica:
    """A running pod of a controller.

    Attributes:
        likeness: equal for pods of which one is to be judged; none for others.
    """

    name: str
    generate_name: str
    likeness: Hashable


def replica(text: msgspec.Raw) -> Replica | None:
    """The pod that the text says, unless there is something about it that has to be looked into."""
    try:
        pod = decoder(_Pod).decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    metadata, annotations = pod.metadata, pod.metadata.annotations or {}
    owner, spec = metadata.controller, _without_additions(bytes(pod.spec))
    over = pod.status.phase in FINISHED or metadata.deletion_timestamp is not None
    if over or spec is None or owner is None or MIRROR in annotations or not (metadata.name and metadata.uid):
        return None
    judged = tuple(sorted((key, text) for key, text in annotations.items() if "security" in key))
    return Replica(
        name=metadata.name,
        generate_name=metadata.generate_name or f"{metadata.name}-",
        likeness=(metadata.namespace, owner.kind, judged, spec),
    )


def _without_additions(spec: bytes) -> bytes | None:
    """The text without the node and what is random about the token's volume; None where it is not as expected."""
    first, *parts = spec.split(_TOKEN)
    if parts:
        name = parts[0][:_RANDOM]
        ends = (first, *parts[:-1])
        if not all(end.endswith(_BEFORE) for end in ends) or not all(_is_token(part, name) for part in parts):
            return None
        spec = _TOKEN.join((first, *(part[_RANDOM:] for part in parts)))
    before, found, behind = spec.partition(_NODE)
    if not found:
        return spec
    return None if _NODE in behind else before + behind[behind.find(b'"') :]


def _is_token(part: bytes, name: bytes) -> bool:
    return part.startswith(name) and part.startswith(_BEHIND, _RANDOM)

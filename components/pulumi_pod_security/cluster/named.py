"""The object that a reference means, whole as the server has it."""

from __future__ import annotations

from typing import Any

import msgspec

from pulumi_pod_security.admission.conversion import decoder
from pulumi_pod_security.cluster.api import Api, ClusterError
from pulumi_pod_security.cluster.plan import path_of

__all__ = ["named"]


class _Metadata(msgspec.Struct, rename="camel"):
    """What is read of an object that is else kept as it is."""

    name: str
    uid: str = ""
    resource_version: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    finalizers: list[str] | None = None
    managed_fields: list[dict[str, Any]] | None = None


def named(api: Api, reference: str) -> dict[str, Any] | None:
    """The object, None where the server has none.

    Raises:
        ClusterError: no server answers, or it answers with something else, which is neither the object nor its absence.
    """
    path = path_of(reference)
    found = api.find(path, dict[str, Any])
    if found is not None and not _is_named(found, reference.rpartition("/")[2]):
        raise ClusterError(
            f"{api.where}: the answer to GET {path} is not what an API server says: it is no {reference}"
        )
    return found


def _is_named(found: dict[str, Any], name: str) -> bool:
    try:
        return msgspec.convert(found.get("metadata"), _Metadata).name == name
    except (msgspec.ValidationError, RecursionError):
        return False


# msgspec 0.22 crashes when threads meet a type for the first time at once, so it meets this one here.
decoder(_Metadata)

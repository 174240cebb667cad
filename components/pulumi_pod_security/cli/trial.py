"""Policies to try: named by an option, and everyone may use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pulumi_pod_security.admission.documents import Document, Read, documents
from pulumi_pod_security.admission.kinds import group_kind
from pulumi_pod_security.errors import Fault
from pulumi_pod_security.policy.presets import preset

__all__ = ["tried"]

_POLICIES = ("policy/PodSecurityPolicy", "extensions/PodSecurityPolicy")
_NAME = "everyone-for-a-trial"
_GROUP = "rbac.authorization.k8s.io"
_EVERYONE = ("system:authenticated", "system:serviceaccounts")


def tried(presets: Sequence[str], files: Sequence[str]) -> tuple[list[Read], tuple[str, ...]]:
    """The policies with the RBAC that gives them to everyone, and what there is to be said about that.

    Args:
        files: paths, of which only the policies are taken.

    Raises:
        UnknownPreset: one of the presets does not exist.
    """
    given: list[Read] = [Document(where=f"preset {name}", data=preset(name).to_manifest()) for name in presets]
    found, others = _split(documents(files))
    given += found
    names = [name for name in map(_name, given) if name]
    if not names:
        nothing = Fault(path="--policies-from", value="no policy", allowed="files that hold PodSecurityPolicies")
        return ([*given, nothing] if files else given), ()
    assumed = f"assumed: everyone may use {', '.join(names)}, because --policy and --policies-from grant to everyone"
    return [*given, *_grants(names)], (assumed, *_aside(others))


def _aside(others: int) -> Iterator[str]:
    if others:
        told = "1 object that is no policy was" if others == 1 else f"{others} objects that are no policies were"
        yield f"of what --policies-from names, {told} left aside"


def _split(found: Iterable[Read]) -> tuple[list[Read], int]:
    """The policies and the faults, and the number of all the rest."""
    kept: list[Read] = []
    others = 0
    for read in found:
        if isinstance(read, Fault) or group_kind(read.version, read.kind) in _POLICIES:
            kept.append(read)
        else:
            others += 1
    return kept, others


def _name(read: Read) -> str | None:
    name = None if isinstance(read, Fault) else read.metadata.get("name")
    return name if isinstance(name, str) else None


def _grants(names: list[str]) -> Iterator[Document]:
    use = {
        "apiGroups": ["policy", "extensions"],
        "resources": ["podsecuritypolicies"],
        "resourceNames": names,
        "verbs": ["use"],
    }
    yield _object("ClusterRole", {"rules": [use]})
    subjects = [{"apiGroup": _GROUP, "kind": "Group", "name": name} for name in _EVERYONE]
    role = {"apiGroup": _GROUP, "kind": "ClusterRole", "name": _NAME}
    yield _object("ClusterRoleBinding", {"roleRef": role, "subjects": subjects})


def _object(kind: str, more: dict[str, Any]) -> Document:
    data = {"apiVersion": f"{_GROUP}/v1", "kind": kind, "metadata": {"name": _NAME}, **more}
    return Document(where="--policy", data=data)

"""What a server says that it serves, and where it lists the objects of a kind that only a name is known of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

import msgspec

from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.listing import Resource
from pulumi_pod_security.errors import Fault, InvalidInput, one_of

__all__ = ["resources_of", "served_resources"]


class _Version(msgspec.Struct, rename="camel"):
    group_version: str


class _Group(msgspec.Struct, rename="camel"):
    """The answer of `/apis/GROUP`."""

    preferred_version: _Version
    versions: tuple[_Version, ...] = ()


class _Kind(msgspec.Struct):
    name: str
    kind: str


class _Kinds(msgspec.Struct):
    """The answer of `/apis/GROUP/VERSION`."""

    resources: tuple[_Kind, ...] = ()


def resources_of(api: Api, kinds: Iterable[str]) -> tuple[Resource, ...]:
    """The lists of these kinds, each given as `argoproj.io/Rollout`, in the version that the server prefers.

    Raises:
        InvalidInput: the server has no such group, or not this kind in it.
        ClusterError: no server answers, or it refuses to.
    """
    return tuple(_resource(api, *each.rsplit("/", 1)) for each in kinds)


def served_resources(api: Api, version: str) -> frozenset[str]:
    """The names of what a version such as `policy/v1beta1` has; none where the server does not know it.

    Raises:
        ClusterError: no server answers, or it refuses to.
    """
    found = api.find(f"/apis/{version}", _Kinds)
    return frozenset() if found is None else frozenset(kind.name for kind in found.resources)


def _resource(api: Api, group: str, kind: str) -> Resource:
    known: list[str] = []
    for version in _versions(api, group):
        # A subresource has its parent's kind, or one of its own, and is no list.
        found = [each for each in api.get(f"/apis/{version}", _Kinds).resources if "/" not in each.name]
        for each in found:
            if each.kind == kind:
                return Resource(version=version, kind=kind, name=each.name)
        known += (each.kind for each in found)
    allowed = f"a kind of {group} that the server has"
    if known:
        allowed += f": {one_of(sorted(set(known)), given=kind)}"
    raise InvalidInput("options", [Fault(path="--template", value=f"{group}/{kind}", allowed=allowed)])


def _versions(api: Api, group: str) -> Iterator[str]:
    """The versions of a group, the preferred one first; none where the server does not know the group."""
    found = api.find(f"/apis/{quote(group, safe='')}", _Group)
    if found is None:
        return
    yield found.preferred_version.group_version
    for version in found.versions:
        if version != found.preferred_version:
            yield version.group_version

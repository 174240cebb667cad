"""A baseline beside a provider's own objects: nothing of it may have the name of one of these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pulumi_pod_security.cluster.plan import reference
from pulumi_pod_security.errors import Fault, InvalidBaseline
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.policy.presets import PRESETS

__all__ = ["require_apart"]


def require_apart(platform: Platform, manifests: Iterable[Mapping[str, Any]]) -> None:
    """Refuse a baseline with the name of an object of the provider's.

    It would be taken over, and then removed with the defaults, or at the end with the baseline.

    Raises:
        InvalidBaseline: with every such object.
    """
    faults = tuple(_faults(platform, manifests))
    if faults:
        raise InvalidBaseline(f"pod security baseline on {platform.name}", faults)


def _faults(platform: Platform, manifests: Iterable[Mapping[str, Any]]) -> Iterator[Fault]:
    for manifest in manifests:
        named = reference(manifest)
        if named in (*platform.defaults, *platform.own):
            kind, _, name = named.partition("/")
            yield Fault(path=kind, value=name, allowed=_allowed(kind, name, platform))


def _allowed(kind: str, name: str, platform: Platform) -> str:
    if kind == "PodSecurityPolicy":
        written = f"{{preset: {name}, name: NAME}}" if name in PRESETS else "another metadata.name"
        rename = f"in a stack's configuration {written}, in a program dataclasses.replace(policy, name='NAME')"
    else:
        rename = "`role:` on its grants" if kind == "ClusterRole" else "`binding:` on its grant"
    return f"a name that is not one of {platform.name}'s own objects, which would go with this stack: {rename}"

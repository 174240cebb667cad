"""The contract of a platform: what a provider of Kubernetes does about PodSecurityPolicy, in data and in words.

A platform is one module beside this one, which holds its `PLATFORM` and its `AdmissionSwitch` (see `switch`).
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Platform"]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """What there is before us, and how enforcement is turned on.

    Attributes:
        kind: as the stack's configuration names it.
        name: as its provider writes it.
        versions: the versions of Kubernetes in which it has the plugin.
        by_default: what the provider puts there by itself.
        defaults: the objects among that which let every pod in, as `Kind/name`, in the order in which they are removed.
        own: further objects of the provider's, which stay; nobody else's may have their names.
        enforcement: what `up` does to turn enforcement on, and `destroy` takes back.
        instead: what to do where the plugin is not to be had.
        mark: what its versions of Kubernetes have in their names and no other provider's; None where they are plain.
    """

    kind: str
    name: str
    versions: str
    by_default: str
    defaults: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    enforcement: str
    instead: str
    mark: str | None = None

"""The contract of a platform: what a provider of Kubernetes does about PodSecurityPolicy, in data and in words.

A platform is one module beside this one with its `PLATFORM`. Where the plugin is always on, that is all: the defaults
that it names are the switch (`defaults`). Where the plugin is a field of the provider's API, the module has a
`PluginApi` too (`moving`); where it is neither, an `AdmissionSwitch` of its own (`switch`), as for kubeadm.
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

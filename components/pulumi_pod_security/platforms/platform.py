"""The contract of a platform: what a provider of Kubernetes does about PodSecurityPolicy, in data and in words.

A platform is one module beside this one with its `PLATFORM`. Where the plugin is always on, that is all: the defaults
that it names are the switch (`defaults`). Where the plugin is a field of the provider's API, the module has a
`PluginApi` too (`moving`); where it is neither, an `AdmissionSwitch` of its own (`switch`), as for kubeadm.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["Platform", "require_admission_file"]


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
        domain: what the names of its API servers end with; None where they are the user's.
        closed: why its API servers cannot be given a file of admission configuration; None where they can.
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
    domain: str | None = None
    closed: str | None = None


def require_admission_file(platform: Platform) -> None:
    """Refuse a platform whose API servers take no defaults and exemptions of Pod Security.

    Raises:
        SwitchError: with the field, and what to do instead.
    """
    if platform.closed is not None:
        raise SwitchError(
            f"{platform.name}: the API server's flag --admission-control-config-file, and with it defaults and "
            f"exemptions of Pod Security (PodSecurityConfiguration), cannot be set: {platform.closed}; label the "
            "namespaces instead, which ps.NamespaceStandards does for any number of them and proves first; one that "
            "would be exempt is labelled privileged, and neither users nor runtime classes can be exempt there"
        )

"""Every platform, and what is known of one before anything says which it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from pulumi_pod_security.platforms import aks, eks, gke, kapsule, kubeadm, mke
from pulumi_pod_security.platforms.platform import Platform

__all__ = ["PLATFORMS", "instead", "platform_of"]

PLATFORMS: tuple[Platform, ...] = (
    aks.PLATFORM,
    eks.PLATFORM,
    gke.PLATFORM,
    kapsule.PLATFORM,
    kubeadm.PLATFORM,
    mke.PLATFORM,
)


def platform_of(version: str, address: str) -> Platform | None:
    """The platform that a server is of, where it can be told.

    Args:
        version: what the server says of itself.
        address: its URL.
    """
    host = urlsplit(address).hostname or ""
    return next((each for each in PLATFORMS if _is_marked(each, version) or _is_named(each, host)), None)


def instead(version: str) -> str:
    """What to do where a server has no PodSecurityPolicy any more.

    Args:
        version: what the server says of itself; providers put their marks into it, as in `v1.25.6-eks-48e63af`.
    """
    marked = (platform.instead for platform in PLATFORMS if _is_marked(platform, version))
    return next(marked, "use Pod Security Standards or CEL admission there")


def _is_marked(platform: Platform, version: str) -> bool:
    return platform.mark is not None and platform.mark in version


def _is_named(platform: Platform, host: str) -> bool:
    return platform.domain is not None and host.endswith(platform.domain)

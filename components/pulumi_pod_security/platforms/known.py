"""Every platform, and what is known of one before anything says which it is."""

from __future__ import annotations

from pulumi_pod_security.platforms import aks, eks, gke, kapsule, kubeadm, mke
from pulumi_pod_security.platforms.platform import Platform

__all__ = ["PLATFORMS", "instead"]

PLATFORMS: tuple[Platform, ...] = (
    aks.PLATFORM,
    eks.PLATFORM,
    gke.PLATFORM,
    kapsule.PLATFORM,
    kubeadm.PLATFORM,
    mke.PLATFORM,
)


def instead(version: str) -> str:
    """What to do where a server has no PodSecurityPolicy any more.

    Args:
        version: what the server says of itself; providers put their marks into it, as in `v1.25.6-eks-48e63af`.
    """
    marked = (platform.instead for platform in PLATFORMS if platform.mark and platform.mark in version)
    return next(marked, "use Pod Security Standards or CEL admission there")

"""A kubeadm cluster: the baseline is enforced by the plugin named in its ClusterConfiguration."""

import pulumi_pod_security as ps
from stacks.platforms import KubeadmPlatform

__all__ = ["kubeadm_enablement"]


def kubeadm_enablement(name: str, platform: KubeadmPlatform, baseline: ps.PodSecurityBaseline) -> ps.KubeadmEnablement:
    """Enforcement on the node this program runs on, or by a command for nodes out of reach."""
    node = None
    if platform.manifests is not None:
        node = ps.KubeadmNode(manifests=platform.manifests, kubeadm=platform.kubeadm)
    args = ps.KubeadmEnablementArgs(baseline=baseline, config=platform.config, node=node, **platform.patience)
    return ps.KubeadmEnablement(name, args)

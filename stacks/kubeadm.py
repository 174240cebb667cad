"""A kubeadm cluster: the baseline is enforced by the plugin named in its ClusterConfiguration."""

import pulumi

import pulumi_pod_security as ps
from stacks.config import KubeadmPlatform

__all__ = ["kubeadm_stack"]


def kubeadm_stack(platform: KubeadmPlatform, baseline: ps.PodSecurityBaseline) -> ps.KubeadmEnablement:
    """Enforce `baseline`; on nodes out of reach, say what to run there."""
    node = None
    if platform.manifests is not None:
        node = ps.KubeadmNode(manifests=platform.manifests, kubeadm=platform.kubeadm)
    args = ps.KubeadmEnablementArgs(
        baseline=baseline, config=platform.config, node=node, timeout_seconds=platform.timeout_seconds
    )
    enablement = ps.KubeadmEnablement("enforce", args)
    pulumi.export("enforced", enablement.enforced)
    pulumi.export("command", enablement.command)
    return enablement

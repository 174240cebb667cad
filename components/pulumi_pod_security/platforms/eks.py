"""Amazon EKS: the plugin is always on, and three objects let everyone who logs in create any pod.

The three, in the provider's own documentation for 1.13 to 1.24: a ClusterRoleBinding to `system:authenticated`, the
ClusterRole that it gives, and the policy which that allows.
"""

from __future__ import annotations

from pulumi_pod_security.platforms.platform import Platform

__all__ = ["PLATFORM"]

PLATFORM = Platform(
    kind="eks",
    name="Amazon EKS",
    versions="1.13 to 1.24",
    by_default="the plugin is on, and everyone may use the policy eks.privileged",
    defaults=(
        "ClusterRoleBinding/eks:podsecuritypolicy:authenticated",
        "ClusterRole/eks:podsecuritypolicy:privileged",
        "PodSecurityPolicy/eks.privileged",
    ),
    enforcement="saves eks.privileged with its role and its binding, and removes them",
    instead=(
        "on Amazon EKS from 1.25 on Pod Security Standards are built in: "
        "kubectl label namespace NAMESPACE pod-security.kubernetes.io/enforce=baseline"
    ),
    mark="-eks-",
    domain=".eks.amazonaws.com",
    closed="AWS runs the control plane, and the EKS API has no field for flags of the API server",
)

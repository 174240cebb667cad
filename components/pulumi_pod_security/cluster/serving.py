"""What a server has to enforce policies with, by what it says it serves."""

from __future__ import annotations

from pulumi_pod_security.cluster.discovery import served_resources
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.policy.enforcement import Served

__all__ = ["served"]


def served(cluster: Cluster) -> Served:
    """Asked of discovery, for an API may be turned off; raises ClusterError when no server answers."""
    version = cluster.version
    admission = served_resources(cluster.api, "admissionregistration.k8s.io/v1")
    return Served(
        version=version.git_version,
        numbers=(version.major, version.minor),
        policies="podsecuritypolicies" in served_resources(cluster.api, "policy/v1beta1"),
        validating="validatingadmissionpolicies" in admission,
        mutating="mutatingadmissionpolicies" in admission,
    )

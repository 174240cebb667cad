"""What runs that are broken on purpose have in common: where they are broken, and what must hold afterwards."""

from __future__ import annotations

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import refused_workloads
from tests.integration.support.sight import Sight

__all__ = ["is_change", "nothing_is_refused"]


def is_change(method: str, path: str) -> bool:
    """Whether a call changes something for good; reviews are questions."""
    return method in {"POST", "PATCH", "PUT", "DELETE"} and "dryRun" not in path and "reviews" not in path


def nothing_is_refused(sight: Sight) -> None:
    """Everything that runs could be created now, by those who created it."""
    assert refused_workloads(Cluster(Connection(kubeconfig=str(sight.cluster.kubeconfig())).open())) == []

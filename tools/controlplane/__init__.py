"""A real Kubernetes control plane on this machine, to test against: no root, no containers, no network.

    python -m tools.controlplane --help      the same from a shell

A cluster is a folder. The whole control plane - etcd, API server, controller manager, scheduler - runs from the
static Pods that the real kubeadm rendered from the folder's kubeadm.yaml; kwok plays the machines. Nothing here talks
to any other cluster.
"""

from tools.controlplane.audit import AuditEvent, ObjectReference, ResponseStatus, UserInfo
from tools.controlplane.cluster import ControlPlane, Status
from tools.controlplane.errors import (
    ClusterError,
    ControlPlaneError,
    FolderInUseError,
    KubeadmError,
    NotStartedError,
    PortTakenError,
)
from tools.controlplane.events import Event
from tools.controlplane.identities import Identity, ServiceAccount, User
from tools.controlplane.lone_server import LoneServer
from tools.controlplane.settings import Settings

__all__ = [
    "AuditEvent",
    "ClusterError",
    "ControlPlane",
    "ControlPlaneError",
    "Event",
    "FolderInUseError",
    "Identity",
    "KubeadmError",
    "LoneServer",
    "NotStartedError",
    "ObjectReference",
    "PortTakenError",
    "ResponseStatus",
    "ServiceAccount",
    "Settings",
    "Status",
    "User",
    "UserInfo",
]

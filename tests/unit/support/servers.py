"""Several API servers as their kubelets show them, and kubeadm's ConfigMap, in a world."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.world import World

__all__ = ["BOTH", "CONFIGMAP", "MIRRORS", "ONE", "configured", "kept", "mirror_pod", "show"]

CONFIGMAP = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config"
MIRRORS = "/api/v1/namespaces/kube-system/pods"
ONE, BOTH = "NodeRestriction", "NodeRestriction,PodSecurityPolicy"


def mirror_pod(node: str, address: str, arguments: Iterable[str]) -> dict[str, Any]:
    """The mirror pod of an API server, with what kubeadm and the kubelet put into it."""
    command = ["kube-apiserver", f"--advertise-address={address}", *arguments]
    return {
        "metadata": {
            "name": f"kube-apiserver-{node}",
            "namespace": "kube-system",
            "labels": {"component": "kube-apiserver", "tier": "control-plane"},
            "annotations": {"kubernetes.io/config.mirror": "0"},
        },
        "spec": {"nodeName": node, "containers": [{"name": "kube-apiserver", "command": command}]},
        "status": {"hostIP": address},
    }


def show(world: World, **plugins: str) -> None:
    """Let the world have one API server for each name, with these admission plugins (`cp1` is the node `cp-1`)."""
    servers = [(f"{name[:-1]}-{name[-1]}", f"10.0.0.{name[-1]}", listed) for name, listed in plugins.items()]
    world.servers = tuple(address for _, address, _ in servers)
    world.lists[MIRRORS] = [
        mirror_pod(node, address, [f"--enable-admission-plugins={listed}"]) for node, address, listed in servers
    ]


def configured(world: World, text: str = CONFIG) -> None:
    """Put kubeadm's ConfigMap there, with another key beside the usual one."""
    data = {"ClusterConfiguration": text, "ClusterStatus": "apiEndpoints: {}\n"}
    world.objects[CONFIGMAP] = {"metadata": {"name": "kubeadm-config", "resourceVersion": "7"}, "data": data}


def kept(world: World) -> str:
    """The ClusterConfiguration that is there now; the other key must be as it was."""
    data = world.objects[CONFIGMAP]["data"]
    assert data["ClusterStatus"] == "apiEndpoints: {}\n"
    return str(data["ClusterConfiguration"])

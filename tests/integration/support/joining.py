"""Nodes that are ready only when their network plugin's pod runs, as on machines that join a cluster.

kwok plays the kubelet by two Stages of our own instead of its usual ones: a node that joins is NotReady, in a
kubelet's words, and becomes Ready once its network is configured. Configuring it is what a network plugin's pod does on
a machine by writing a file; here `Network` writes an annotation on the node for each such pod that runs, and nothing
else. The pods themselves, and the taints of nodes that are not ready, are the real controllers' and scheduler's doing.
"""

from __future__ import annotations

import threading
from typing import Any

import yaml

from tools.controlplane import ControlPlane
from tools.controlplane.node_objects import node_objects
from tools.walk.kubectl import Kubectl, KubectlError

__all__ = ["CNI", "Network", "cni", "join_anew"]

CNI = "weave-net"
_NOT_READY = "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady"
_CONFIGURED = "tests/network"
_SINCE = "lastTransitionTime: {{ Now | Quote }}"
_JOINED = f"""\
capacity: {{cpu: "4", memory: 8Gi, pods: "110"}}
allocatable: {{cpu: "4", memory: 8Gi, pods: "110"}}
addresses: [{{type: InternalIP, address: 192.0.2.1}}]
phase: Running
conditions:
- {{type: Ready, status: "False", reason: KubeletNotReady, message: "{_NOT_READY}", {_SINCE}}}
"""
_READY = f"""\
conditions:
- {{type: Ready, status: "True", reason: KubeletReady, message: kubelet is posting ready status, {_SINCE}}}
"""
_STATUS = '.status.conditions.[] | select( .type == "Ready" ) | .status'


def join_anew(cluster: ControlPlane) -> None:
    """Take the nodes away and let new ones join."""
    file = cluster.layout.folder / ".kwok" / "kwok.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump_all(_stages()), encoding="utf-8")
    kubectl = Kubectl(cluster.kubeconfig(), cluster.record.version)
    kubectl.run("delete", "nodes", "--all")
    cluster.wake_clients()
    nodes = cluster.layout.folder / "nodes.yaml"
    nodes.write_text(yaml.safe_dump_all(node_objects(cluster.record.workers)), encoding="utf-8")
    kubectl.run("create", f"--filename={nodes}")


def cni() -> dict[str, Any]:
    """The DaemonSet of a network plugin."""
    labels = {"name": CNI}
    container = {"name": "net", "image": "net", "securityContext": {"privileged": True}}
    spec = {"hostNetwork": True, "tolerations": [{"operator": "Exists"}], "containers": [container]}
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {"name": CNI, "namespace": "kube-system"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
    }


class Network:
    """The effect of a network plugin's pods, until it is stopped."""

    def __init__(self, cluster: ControlPlane) -> None:
        self._kubectl = Kubectl(cluster.kubeconfig(), cluster.record.version)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.5):
            try:
                self._configure()
            except KubectlError:
                continue

    def _configure(self) -> None:
        pods = self._kubectl.get("pods", "--namespace=kube-system", f"--selector=name={CNI}")["items"]
        for pod in pods:
            if pod["status"].get("phase") == "Running":
                self._kubectl.run("annotate", "--overwrite", "node", pod["spec"]["nodeName"], f"{_CONFIGURED}=done")


def _stages() -> list[dict[str, Any]]:
    absent = {"key": _STATUS, "operator": "DoesNotExist"}
    not_ready = {"key": _STATUS, "operator": "In", "values": ["False"]}
    return [
        _stage("node-joins", {"matchExpressions": [absent]}, _JOINED),
        _stage(
            "node-has-network", {"matchAnnotations": {_CONFIGURED: "done"}, "matchExpressions": [not_ready]}, _READY
        ),
    ]


def _stage(name: str, selector: dict[str, Any], status: str) -> dict[str, Any]:
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Stage",
        "metadata": {"name": name},
        "spec": {
            "resourceRef": {"apiGroup": "v1", "kind": "Node"},
            "selector": selector,
            "next": {"statusTemplate": status},
        },
    }

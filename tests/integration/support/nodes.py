"""Control-plane nodes: what kubeadm does on each, what its kubelet shows of it, and what stands in front of them."""

import contextlib
import itertools
import json
import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from pulumi_pod_security.platforms.rendering import rendered
from tests.integration.support.sight import wait
from tools.controlplane import ControlPlane, User
from tools.controlplane.ports import held_ports
from tools.toolchain import binary
from tools.walk.kubectl import Kubectl, KubectlError

__all__ = ["CONFIGMAP", "ControlPlaneNode", "balanced", "two_nodes"]

CONFIGMAP = ("--namespace=kube-system", "configmap", "kubeadm-config")
_API = "kubeadm.k8s.io/v1beta3"


class ControlPlaneNode:
    """A machine with an API server of its own.

    Attributes:
        name: of the Node, and of the machine.
        port: where its API server listens on loopback.
    """

    def __init__(self, cluster: ControlPlane, name: str, address: str, port: int, pod: str) -> None:
        self.name = name
        self.port = port
        self._cluster = cluster
        self._address = address
        self._pod = pod
        self._kubectl = Kubectl(cluster.kubeconfig(), cluster.record.version)

    def render(self) -> None:
        """What `kubeadm upgrade node phase control-plane` does: the manifest anew from the ConfigMap, and the wait."""
        starts = self._starts()
        manifest = self._cluster.manifests / f"{self._pod}.yaml"
        draft = manifest.with_name(f".{manifest.name}.new")
        draft.write_text(yaml.safe_dump(self.manifest()), encoding="utf-8")
        draft.replace(manifest)
        wait(lambda: self._starts() > starts or None, f"a start of {self._pod}")
        wait(lambda: self._ready() or None, f"{self._pod} being ready")
        self.show()

    def manifest(self) -> dict[str, Any]:
        """What kubeadm makes of the ConfigMap for this node."""
        node = {
            "apiVersion": _API,
            "kind": "InitConfiguration",
            "localAPIEndpoint": {"advertiseAddress": self._address, "bindPort": self.port},
            "nodeRegistration": {"name": self.name, "criSocket": "unix:///run/containerd/containerd.sock"},
        }
        text = yaml.safe_dump(node) + "---\n" + self._kubectl.get(*CONFIGMAP)["data"]["ClusterConfiguration"]
        kubeadm = str(binary("kubeadm", version=self._cluster.record.version))
        pod: dict[str, Any] = yaml.safe_load(rendered(kubeadm, text, Path("kubeadm-config")))
        pod["metadata"]["name"] = self._pod
        audit = f"--audit-log-path={self._cluster.audit_log}"
        container = pod["spec"]["containers"][0]
        # Two API servers of one machine cannot share a log.
        suffix = "" if self._pod == "kube-apiserver" else f".{self._pod}"
        container["command"] = [part + suffix if part == audit else part for part in container["command"]]
        return pod

    def show(self) -> None:
        """Show the static Pod as it is now, as the kubelet does: as the node, and instead of the one shown before."""
        pod = yaml.safe_load((self._cluster.manifests / f"{self._pod}.yaml").read_text(encoding="utf-8"))
        owner = self._kubectl.get("node", self.name)["metadata"]
        name = f"kube-apiserver-{self.name}"
        pod["metadata"] |= {
            "name": name,
            "annotations": {**pod["metadata"]["annotations"], "kubernetes.io/config.mirror": "0"},
            "ownerReferences": [
                {"apiVersion": "v1", "kind": "Node", "name": self.name, "uid": owner["uid"], "controller": True}
            ],
        }
        pod["spec"] |= {"nodeName": self.name, "tolerations": [{"operator": "Exists", "effect": "NoExecute"}]}
        gone = ("--ignore-not-found", "--grace-period=0", "--force")
        self._kubectl.run("delete", "--namespace=kube-system", "pod", name, *gone)
        self._create_as_node(pod)

    def can_create(self, namespace: str) -> bool:
        """Whether this very API server lets a plain pod of the default service account in."""
        container = {"name": "app", "image": "app"}
        metadata = {"name": "tried", "namespace": namespace}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}
        account = f"system:serviceaccount:{namespace}:default"
        groups = ("system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{namespace}")
        as_account = (f"--as={account}", *(f"--as-group={group}" for group in groups))
        # Its own rights do not matter: pods of an account are made by controllers, which may.
        with contextlib.suppress(KubectlError):
            self._kubectl.run("create", "clusterrolebinding", "tried", "--clusterrole=edit", f"--user={account}")
        return "created" in self._create(self._kubectl, pod, "--dry-run=server", *as_account)

    def _starts(self) -> int:
        return sum(1 for event in self._cluster.events() if (event.component, event.kind) == (self._pod, "started"))

    def _ready(self) -> bool:
        try:
            return self._kubectl.run("get", "--raw=/readyz", f"--server=https://127.0.0.1:{self.port}") == "ok"
        except KubectlError:
            return False

    def _create_as_node(self, manifest: dict[str, Any]) -> None:
        identity = User(name=f"system:node:{self.name}", groups=("system:nodes",))
        self._create(Kubectl(self._cluster.kubeconfig(identity), self._cluster.record.version), manifest)

    def _create(self, kubectl: Kubectl, manifest: dict[str, Any], *arguments: str) -> str:
        file = self._cluster.layout.folder / f"{self.name}.json"
        file.write_text(json.dumps(manifest), encoding="utf-8")
        return kubectl.run("create", f"--filename={file}", f"--server=https://127.0.0.1:{self.port}", *arguments)


@contextlib.contextmanager
def two_nodes(cluster: ControlPlane) -> Iterator[list[ControlPlaneNode]]:
    """The control-plane node that there is, and a second one with a real API server on the same etcd."""
    with held_ports(1) as (port,):
        pass
    first = ControlPlaneNode(cluster, "control-plane", "192.0.2.1", cluster.record.ports.api_server, "kube-apiserver")
    second = ControlPlaneNode(cluster, "control-plane-2", "192.0.2.2", port, "kube-apiserver-2")
    machine = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": second.name}, "spec": {"unschedulable": True}}
    file = cluster.layout.folder / "node.json"
    file.write_text(json.dumps(machine), encoding="utf-8")
    Kubectl(cluster.kubeconfig(), cluster.record.version).run("create", f"--filename={file}")
    first.show()
    second.render()
    yield [first, second]
    (cluster.manifests / "kube-apiserver-2.yaml").unlink()


@contextlib.contextmanager
def balanced(nodes: Sequence[ControlPlaneNode]) -> Iterator[int]:
    """A load balancer in front of the API servers; the value is its port. Each connection goes to another one."""
    turns = itertools.cycle(range(len(nodes)))
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                threading.Thread(target=_carry, args=(client, nodes, next(turns)), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        # Wakes the thread that accepts, which closing alone does not.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _carry(client: socket.socket, nodes: Sequence[ControlPlaneNode], turn: int) -> None:
    for offset in range(len(nodes)):
        port = nodes[(turn + offset) % len(nodes)].port
        with contextlib.suppress(OSError):
            server = socket.create_connection(("127.0.0.1", port), timeout=5)
            break
    else:
        client.close()
        return
    server.settimeout(None)
    threading.Thread(target=_pump, args=(client, server), daemon=True).start()
    _pump(server, client)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)

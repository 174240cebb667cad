"""A control-plane node out of reach of the program, and the person who makes it follow."""

import subprocess
from dataclasses import dataclass
from typing import Any

from tests.integration.support.nodes import CONFIGMAP, ControlPlaneNode
from tests.integration.support.sight import PLUGIN, Sight
from tests.integration.support.subjects import settled
from tools.toolchain import binary

__all__ = ["OutOfReach"]


@dataclass(frozen=True, kw_only=True)
class OutOfReach:
    """A control-plane node out of reach, and who makes it follow.

    Attributes:
        inputs: of both resources, without a place.
        is_file: whether a file is changed instead of the live ConfigMap.
        sight: the cluster.
    """

    inputs: dict[str, Any]
    is_file: bool
    sight: Sight

    @property
    def props(self) -> dict[str, Any]:
        """The inputs of both resources."""
        return {**self.inputs, **({"config": str(self.sight.cluster.config_file)} if self.is_file else {})}

    @property
    def changes(self) -> tuple[str, ...]:
        """The only change of `up`, and of `destroy`."""
        return ("write kubeadm.yaml",) if self.is_file else ("PATCH kubeadm-config",)

    @property
    def node(self) -> ControlPlaneNode:
        """The node."""
        port = self.sight.cluster.record.ports.api_server
        return ControlPlaneNode(self.sight.cluster, "control-plane", "192.0.2.1", port, "kube-apiserver")

    def configuration(self) -> str:
        """What is changed."""
        return self.sight.files()[0].decode() if self.is_file else self.live()

    def live(self) -> str:
        """What kubeadm has in the cluster."""
        return str(self.sight.kubectl.get(*CONFIGMAP)["data"]["ClusterConfiguration"])

    def upload(self) -> None:
        """The first part of what is stated for a file."""
        kubeadm = str(binary("kubeadm", version=self.sight.cluster.record.version))
        given = (f"--kubeconfig={self.inputs['kubeconfig']}", f"--config={self.sight.cluster.config_file}")
        subprocess.run([kubeadm, "init", "phase", "upload-config", "kubeadm", *given], check=True, capture_output=True)

    def follow(self) -> None:
        """All that is stated."""
        if self.is_file:
            self.upload()
        self.node.render()

    def take_flag_out(self) -> None:
        """What someone may do on the node instead."""
        manifest = self.sight.cluster.manifests / "kube-apiserver.yaml"
        draft = manifest.with_name(".draft")
        draft.write_text(manifest.read_text(encoding="utf-8").replace(f",{PLUGIN}", ""), encoding="utf-8")
        draft.replace(manifest)
        settled(self.sight)
        self.node.show()

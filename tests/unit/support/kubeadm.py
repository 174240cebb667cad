"""A kubeadm node in a folder: configuration, manifest, and a script that plays the kubeadm binary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.configurations import ConfigurationFile
from pulumi_pod_security.platforms.kubeadm import FoundConfiguration, KubeadmConfigurationSwitch, KubeadmNodeSwitch
from pulumi_pod_security.platforms.manifest import MANIFEST
from tests.unit.support.world import World, kubeconfig

__all__ = ["CONFIG", "Node", "node_in", "script"]

CONFIG = """\
# ours
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
kubernetesVersion: v1.24.17
apiServer:
  extraArgs:
    enable-admission-plugins: NodeRestriction
"""

_RENDERS = """\
for argument; do case $argument in --config=*) config=${argument#--config=};; esac; done
plugins=$(sed -n 's/.*enable-admission-plugins: *//p' "$config")
mkdir "$KUBEADM_INIT_DRYRUN_DIR/kubeadm-init-dryrun1"
cat > "$KUBEADM_INIT_DRYRUN_DIR/kubeadm-init-dryrun1/kube-apiserver.yaml" <<END
kind: Pod
spec:
  containers:
  - command:
    - kube-apiserver
    - --enable-admission-plugins=${plugins:-NodeRestriction}
    - --profiling=false
    image: kube-apiserver:v1.24.17
END
"""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A control-plane node.

    Attributes:
        config: the kubeadm configuration file.
        manifests: the folder of static Pod manifests.
        kubeadm: the script.
    """

    config: Path
    manifests: Path
    kubeadm: Path

    @property
    def manifest(self) -> Path:
        """The API server's manifest."""
        return self.manifests / MANIFEST

    @property
    def found(self) -> FoundConfiguration:
        """What is there now."""
        return FoundConfiguration(
            config=self.config.read_bytes().decode(), manifest=self.manifest.read_bytes().decode()
        )

    def contents(self) -> dict[str, bytes]:
        """Every file by its name, but for the script."""
        files = [path for folder in (self.config.parent, self.manifests) for path in folder.iterdir() if path.is_file()]
        return {path.name: path.read_bytes() for path in files if path != self.kubeadm}

    def configuration_switch(self, world: World) -> KubeadmConfigurationSwitch:
        """The switch of nodes out of reach, which changes the configuration only."""
        return KubeadmConfigurationSwitch(
            configuration=ConfigurationFile(self.config),
            found=self.found,
            connection=Connection(kubeconfig=kubeconfig(world.address)),
        )

    def switch(self, found: FoundConfiguration | None = None) -> KubeadmNodeSwitch:
        """The switch of this node, by what was found at first: now, unless given."""
        return KubeadmNodeSwitch(
            config=self.config,
            found=found or self.found,
            manifests=self.manifests,
            kubeadm=str(self.kubeadm),
        )


def script(path: Path, body: str) -> Path:
    """An executable shell script."""
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return path


def node_in(folder: Path) -> Node:
    """A node whose manifest is what kubeadm made of its configuration, and hand-edited since."""
    node = Node(
        config=folder / "kubeadm.yaml", manifests=folder / "manifests", kubeadm=script(folder / "kubeadm", _RENDERS)
    )
    node.config.write_text(CONFIG)
    node.manifests.mkdir()
    node.manifest.write_text(
        "kind: Pod\nspec:\n  containers:\n  - command:\n    - kube-apiserver\n"
        "    - --enable-admission-plugins=NodeRestriction\n    - --profiling=false # by hand\n"
        "    image: kube-apiserver:v1.24.17\n"
    )
    return node

"""What the cluster of the tests holds beside the usual: a mirror pod, and secrets where kubeadm keeps them."""

from collections.abc import Mapping
from typing import Any

import yaml

from tools.controlplane import ControlPlane

__all__ = ["SECRETS", "mirror_pod", "plant_secrets"]

SECRETS = ("abcdef.0123456789abcdef", "e6a2eb8581237ab72a4f494f30285ec12a9694d750b9785706a83bfcbbbd2204")


def mirror_pod(node: Mapping[str, Any]) -> dict[str, Any]:
    """A static Pod as its node's kubelet shows it to the API server, owned by the node as NodeRestriction wants."""
    metadata = node["metadata"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": metadata["name"], "uid": metadata["uid"], "controller": True}
    container = {
        "name": "kube-apiserver",
        "image": "registry.k8s.io/kube-apiserver:v1.24.17",
        "volumeMounts": [{"name": "pki", "mountPath": "/etc/kubernetes/pki"}],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"kube-apiserver-{metadata['name']}",
            "namespace": "kube-system",
            "annotations": {"kubernetes.io/config.mirror": "0", "kubernetes.io/config.source": "file"},
            "ownerReferences": [owner],
        },
        "spec": {
            "nodeName": metadata["name"],
            "hostNetwork": True,
            "containers": [container],
            "volumes": [{"name": "pki", "hostPath": {"path": "/etc/kubernetes/pki"}}],
            "tolerations": [{"operator": "Exists", "effect": "NoExecute"}],
        },
    }


def plant_secrets(cluster: ControlPlane) -> None:
    """Put a bootstrap token and a certificate key into the InitConfiguration, and a comment that must survive."""
    token, key = SECRETS
    documents = list(yaml.safe_load_all(cluster.config_file.read_text(encoding="utf-8")))
    documents[0] |= {"bootstrapTokens": [{"token": token, "ttl": "24h0m0s"}], "certificateKey": key}
    text = yaml.safe_dump_all(documents, sort_keys=False)
    cluster.config_file.write_text(f"# kept by hand\n{text}", encoding="utf-8")

"""kubeadm configurations of many shapes, and what the real kubeadm makes of them."""

from __future__ import annotations

from pathlib import Path

from pulumi_pod_security.platforms.rendering import rendered
from tools.toolchain import binary

__all__ = ["BODIES", "HEAD", "manifest"]

HEAD = """\
# ours
apiVersion: kubeadm.k8s.io/{version}
kind: InitConfiguration
localAPIEndpoint: {{advertiseAddress: 192.0.2.1}}
nodeRegistration: {{name: cp-1, criSocket: "unix:///run/containerd/containerd.sock"}}
bootstrapTokens: [{{token: abcdef.0123456789abcdef}}]
---
apiVersion: kubeadm.k8s.io/{version}
kind: ClusterConfiguration
kubernetesVersion: v1.24.17
"""
BODIES = {
    "bare": "",
    "listed": "apiServer:\n  extraArgs:\n    enable-admission-plugins: NodeRestriction,AlwaysPullImages # ours\n",
    "flow": 'apiServer: {extraArgs: {profiling: "false"}, certSANs: [api.example.com]}\nscheduler: {}\n',
    "others": "apiServer:\n    certSANs: [a.example]\n    extraArgs:\n        audit-log-path: '-'\nclusterName: prod\n",
}


def manifest(path: Path) -> list[str]:
    """The API server's manifest that kubeadm makes of a file."""
    return rendered(str(binary("kubeadm", version="1.24.17")), path.read_bytes().decode(), path).splitlines()

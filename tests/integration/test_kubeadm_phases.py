"""Both phases of a configuration, accepted and rendered by the real kubeadm: the plugin alone differs.

`kubeadm config validate` came with 1.26, after the plugin had gone; kubeadm 1.24 judges a configuration by using it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_pod_security.platforms.rendering import rendered
from tests.unit.support.terminal import run
from tools.toolchain import binary

pytestmark = pytest.mark.integration

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


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("version", ["v1beta2", "v1beta3"])
@pytest.mark.parametrize("body", BODIES)
def test_the_plugin_alone_differs(tmp_path: Path, body: str, version: str, line_end: str) -> None:
    """In the manifests as in the files: one flag of one line."""
    given = tmp_path / "kubeadm.yaml"
    given.write_bytes((HEAD.format(version=version) + BODIES[body]).replace("\n", line_end).encode())
    assert run("kubeadm-config", str(given), "--folder", str(tmp_path)).exit_code == 0
    first, second = (tmp_path / f"kubeadm-phase-{number}.yaml" for number in (1, 2))
    assert first.read_bytes() == given.read_bytes()
    off, on = manifest(first), manifest(second)
    (flag,) = [line for line in off if "--enable-admission-plugins=" in line]
    assert [line for line in on if line not in off] == [f"{flag},PodSecurityPolicy"]
    assert [line for line in off if line not in on] == [flag]
    assert len(off) == len(on)

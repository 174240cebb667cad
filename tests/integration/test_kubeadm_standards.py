"""A configuration with Pod Security's defaults, accepted and rendered by the real kubeadm: a flag and a volume."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.integration.support.rendering import BODIES, HEAD, manifest
from tests.unit.support.terminal import run

pytestmark = pytest.mark.integration

FOLDER = "/etc/kubernetes/pod-security"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("version", ["v1beta2", "v1beta3"])
@pytest.mark.parametrize("body", BODIES)
def test_flag_and_volume_alone_differ(tmp_path: Path, body: str, version: str, line_end: str) -> None:
    """In the manifests as in the files; the folder is there for the server, which may only read it."""
    given = tmp_path / "kubeadm.yaml"
    given.write_bytes((HEAD.format(version=version) + BODIES[body]).replace("\n", line_end).encode())
    assert run("kubeadm-standards", str(given), "--enforce", "baseline", "--folder", str(tmp_path)).exit_code == 0
    before, after = (tmp_path / f"kubeadm-{name}.yaml" for name in ("before-standards", "with-standards"))
    assert before.read_bytes() == given.read_bytes()
    (file,) = tmp_path.glob("admission-*.yaml")
    without, made = (yaml.safe_load("\n".join(manifest(path))) for path in (before, after))
    (container,) = made["spec"]["containers"]
    container["command"].remove(f"--admission-control-config-file={FOLDER}/{file.name}")
    container["volumeMounts"].remove({"mountPath": FOLDER, "name": "pod-security", "readOnly": True})
    made["spec"]["volumes"].remove({"hostPath": {"path": FOLDER, "type": "Directory"}, "name": "pod-security"})
    assert made == without

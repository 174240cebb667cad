"""Both phases of a configuration, accepted and rendered by the real kubeadm: the plugin alone differs.

`kubeadm config validate` came with 1.26, after the plugin had gone; kubeadm 1.24 judges a configuration by using it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support.rendering import BODIES, HEAD, manifest
from tests.unit.support.terminal import run

pytestmark = pytest.mark.integration


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

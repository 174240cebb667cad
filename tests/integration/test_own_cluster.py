"""A program that makes its own cluster with the plugin on: the real CLI's preview says what to take out of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.integration.support.outcome import refused
from tests.integration.support.project import SOURCES
from tests.unit.support.own_clusters import OWN_CLUSTERS
from tools.stack import Stack

pytestmark = pytest.mark.integration

PROGRAM = """\
import pulumi_pod_security as ps
from tests.unit.support.own_clusters import OWN_CLUSTERS, OwnCluster

kind = OWN_CLUSTERS[{name!r}]
OwnCluster(kind.token, "prod", kind.on, ps.plugin_left_to_enablement())
"""


@pytest.mark.parametrize("name", ["gcp", "azure", "scaleway"])
def test_preview(tmp_path: Path, name: str) -> None:
    """One sentence, no traceback, nothing made."""
    (tmp_path / "project").mkdir()
    settings = {"name": "own", "runtime": "python"}
    (tmp_path / "project" / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (tmp_path / "project" / "__main__.py").write_text(PROGRAM.format(name=name), encoding="utf-8")
    variables = {"PYTHONPATH": SOURCES}
    stack = Stack(project=tmp_path / "project", state=tmp_path / "state", name="test", variables=variables)
    stack.select()
    said = refused(stack.run("preview"), "turns PodSecurityPolicy on before any policy exists", "out of the program")
    assert OWN_CLUSTERS[name].token in said
    assert "Traceback" not in said

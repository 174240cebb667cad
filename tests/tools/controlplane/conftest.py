"""A data folder without processes."""

from pathlib import Path

import pytest

from tools.controlplane.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """The folders that a cluster is built in."""
    layout = Layout(tmp_path / "cluster")
    for folder in (layout.folder, layout.manifests, layout.programs, layout.logs, layout.audit_log.parent):
        folder.mkdir()
    return layout

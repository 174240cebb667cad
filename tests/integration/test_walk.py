"""What `scripts/up` and `scripts/up --down` show, in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.walk.places import CHECKOUT

pytestmark = pytest.mark.integration

COPIED = ("Pulumi.yaml", "__main__.py", "components", "stacks", "tools")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the walk needs; its cluster and its state stay in it."""
    for name in COPIED:
        source = CHECKOUT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    (tmp_path / ".venv").symlink_to(CHECKOUT / ".venv")
    return tmp_path


def walked(checkout: Path, *arguments: str) -> str:
    """What a walk that ends well shows."""
    environment = {**os.environ, "PYTHONPATH": f"{checkout}:{checkout / 'components'}"}
    done = subprocess.run(
        [sys.executable, "-m", "tools.walk", *arguments],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_up_and_down(checkout: Path) -> None:
    """Who may use what, what runs under which policy and what is refused and why; then the plugin off, nothing left."""
    try:
        shown = walked(checkout)
    finally:
        back = walked(checkout, "--down")
    assert "Who may use what" in shown
    assert shown.count("docker/default = RuntimeDefault") == 3
    assert "hostPath volumes are not allowed to be used" in shown
    table = shown.rpartition("\nkube-system")[2]
    assert table.count("Running") == table.count("privileged") == 4
    assert "plugin: off; policies left: none" in back
    assert "default/nginx-hostpath" in back
    assert not (checkout / ".local" / "cluster").exists()

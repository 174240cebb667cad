"""What `scripts/up` and `scripts/up --down` show, in a copy of the checkout."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.walk.places import CHECKOUT

pytestmark = pytest.mark.integration

GRANTED = {
    ("Group system:nodes", "privileged", "kube-system"),
    ("Group system:nodes", "default", "every namespace"),
    ("User kubelet", "privileged", "kube-system"),
    ("User kubelet", "default", "every namespace"),
    ("Group system:serviceaccounts:kube-system", "privileged", "kube-system"),
    ("Group system:authenticated", "default", "every namespace"),
}
"""What a subject may use by the grants of others counts as well: nodes and users log in."""
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


def granted(shown: str) -> set[tuple[str, ...]]:
    """The rows of the table of what the server allows."""
    table = shown.partition("Who may use what, as the server answers")[2].partition("\n└")[0]
    rows = [tuple(cell.strip() for cell in line.strip("│").split("│")) for line in table.splitlines()]
    return {row for row in rows if len(row) == 3}


def test_up_and_down(checkout: Path) -> None:
    """Who may use what, what runs under which policy and what is refused and why; then the plugin off, nothing left."""
    try:
        shown = walked(checkout)
        again = walked(checkout)
    finally:
        back = walked(checkout, "--down")
    assert "is up already" not in shown
    assert "the cluster is up already: every step is taken again; take it down with: scripts/up --down" in again
    assert granted(shown) == granted(again) == GRANTED
    assert shown.count("docker/default = RuntimeDefault") == 3
    assert "hostPath volumes are not allowed to be used" in shown
    table = shown.rpartition("\nkube-system")[2]
    assert table.count("Running") == table.count("privileged") == 4
    assert "plugin: off; left of 2 PodSecurityPolicy, 2 ClusterRole, 1 RoleBinding, 1 ClusterRoleBinding: none" in back
    assert "default/nginx-hostpath" in back
    assert not (checkout / ".local" / "cluster").exists()
    assert "nothing is up; start with: scripts/up" in walked(checkout, "--down")

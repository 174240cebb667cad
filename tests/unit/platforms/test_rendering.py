"""Where kubeadm renders: a folder nobody else may read, and what killed runs left of such folders."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.platforms.rendering import rendered
from tests.unit.support.kubeadm import CONFIG, Node, node_in, script

PREFIX = "pulumi-pod-security-kubeadm-"
HOURS = 3600


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A control-plane node with the plugin off."""
    return node_in(tmp_path)


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty and of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def left_over(temporary: Path, name: str = f"{PREFIX}x", hours: float = 2) -> Path:
    """A folder with a configuration, as old as given."""
    folder = temporary / name
    folder.mkdir()
    (folder / "kubeadm.yaml").write_text("token: abcdef.0123456789abcdef")
    _age(folder, hours)
    return folder


def _age(path: Path, hours: float) -> None:
    then = time.time() - hours * HOURS
    os.utime(path, (then, then), follow_symlinks=False)


def render(node: Node) -> str:
    """Render the configuration of the node."""
    return rendered(str(node.kubeadm), CONFIG, node.config)


def test_renders_where_nobody_else_may_look(node: Node, temporary: Path) -> None:
    """The folder has a name to know it by and mode 0700, and goes afterwards."""
    seen = node.config.parent / "seen"
    renders = node.kubeadm.read_text().partition("\n")[2]
    script(node.kubeadm, f'stat -c "%a %n" "$KUBEADM_INIT_DRYRUN_DIR" > {seen}\n{renders}')
    assert "--enable-admission-plugins=NodeRestriction\n" in render(node)
    mode, folder = seen.read_text().split()
    assert mode == "700"
    assert Path(folder).parent == temporary
    assert Path(folder).name.startswith(PREFIX)
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_left_is_removed(node: Node, temporary: Path) -> None:
    """The copy of a configuration that a killed run could not remove goes with the next rendering, when it is old."""
    killing = script(node.kubeadm.parent / "killing", "kill -9 $PPID\n")
    code = (
        "import sys; from pathlib import Path; from pulumi_pod_security.platforms.rendering import rendered; "
        "rendered(sys.argv[1], 'token: SECRET', Path('config'))"
    )
    done = subprocess.run([sys.executable, "-c", code, killing], env={**os.environ, "TMPDIR": str(temporary)})
    (left,) = temporary.iterdir()
    assert done.returncode == -9
    assert (left / "kubeadm.yaml").read_text() == "token: SECRET"
    assert stat.S_IMODE(left.stat().st_mode) == 0o700
    render(node)
    assert left.exists()
    _age(left, 2)
    render(node)
    assert not left.exists()


@pytest.mark.parametrize(
    ("name", "hours"),
    [pytest.param(f"{PREFIX}x", 0.9, id="may-be-alive"), pytest.param("other-x", 48, id="not-ours")],
)
def test_what_may_be_in_use_stays(node: Node, temporary: Path, name: str, hours: float) -> None:
    """A run may be rendering beside us, and other programs keep their folders there."""
    folder = left_over(temporary, name, hours)
    render(node)
    assert (folder / "kubeadm.yaml").exists()


def test_what_someone_else_owns_stays(node: Node, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root could remove it, and does not: the name alone proves nothing."""
    folder = left_over(temporary)
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    render(node)
    assert (folder / "kubeadm.yaml").exists()


def test_a_link_is_not_followed(node: Node, temporary: Path) -> None:
    """Everyone may make a link of that name that leads to a folder of ours."""
    folder = left_over(node.config.parent, "precious")
    link = temporary / f"{PREFIX}link"
    link.symlink_to(folder)
    _age(link, 2)
    render(node)
    assert link.is_symlink()
    assert (folder / "kubeadm.yaml").exists()


def test_a_left_over_that_cannot_be_removed_stops_nothing(
    node: Node, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs may remove the same left-over; who comes second goes on."""
    folder, remove, tried = left_over(temporary), shutil.rmtree, []

    def gone(path: str, **options: Any) -> None:
        if path == str(folder):
            tried.append(path)
            raise FileNotFoundError
        remove(path, **options)

    monkeypatch.setattr(shutil, "rmtree", gone)
    assert render(node)
    assert tried

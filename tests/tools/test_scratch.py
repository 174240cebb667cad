"""Temporary folders: gone after the block, and gone with the next one when the process was killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.scratch import PREFIX, scratch

__all__: list[str] = []

CHECKOUT = Path(__file__).parents[2]

_HOLD = """
import sys, time
from pathlib import Path
from tools.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    print(folder, flush=True)
    time.sleep(600)
"""


def _age(folder: Path) -> None:
    os.utime(folder, (time.time() - 3600,) * 2, follow_symlinks=False)


def _holder(parent: Path) -> tuple["subprocess.Popen[str]", Path]:
    """A process that uses a folder, which is an hour old."""
    process = subprocess.Popen([sys.executable, "-c", _HOLD, parent], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    folder = Path(process.stdout.readline().strip())
    _age(folder)
    return process, folder


def test_it_is_private_and_goes_after_the_block(tmp_path: Path) -> None:
    """With everything that was put into it."""
    with scratch(tmp_path) as folder:
        (folder / "deep").mkdir()
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_goes_with_the_next_folder(tmp_path: Path) -> None:
    """While the process lives its folder stays, however old it is."""
    process, left = _holder(tmp_path)
    with process:
        with scratch(tmp_path):
            assert left.is_dir()
        process.send_signal(signal.SIGKILL)
    assert left.is_dir()
    _age(left)
    with scratch(tmp_path):
        assert not left.exists()


def test_one_that_is_not_locked_yet_stays(tmp_path: Path) -> None:
    """Another process may just be making it."""
    (tmp_path / f"{PREFIX}new").mkdir()
    with scratch(tmp_path):
        assert (tmp_path / f"{PREFIX}new").is_dir()


@pytest.mark.parametrize("kind", ["link", "file", "other name", "other owner"])
def test_what_is_not_ours_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """In a folder that everyone may write to, a name proves nothing."""
    (tmp_path / "precious").mkdir()
    left = tmp_path / ("something" if kind == "other name" else f"{PREFIX}left")
    if kind == "link":
        left.symlink_to(tmp_path / "precious")
    elif kind == "file":
        left.touch()
    else:
        left.mkdir()
    _age(left)
    if kind == "other owner":
        monkeypatch.setattr(os, "geteuid", lambda: left.lstat().st_uid + 1)
    with scratch(tmp_path):
        assert os.path.lexists(left)
        assert (tmp_path / "precious").is_dir()

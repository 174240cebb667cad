"""mutmut, its place and what it says; a script that says what mutmut would stands in for it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tools.mutants import running
from tools.mutants.judged import CHECKOUT
from tools.mutants.mutant import Mutant
from tools.mutants.running import Found, RunFailed, found, run

__all__: list[str] = []

KEY = "pulumi_pod_security.controls"
SCRIPT = """\
#!{python}
import os, pathlib, sys
command, *arguments = sys.argv[1:]
if command == "run":
    pathlib.Path("arguments").write_text(" ".join(arguments))
    assert os.path.isdir("src/pulumi_pod_security") and os.path.isfile("pyproject.toml") and os.path.isdir("tests/unit")
    print("counting")
    {run}
elif command == "results":
    print({results!r})
else:
    print("--- a\\n+++ a\\n@@ -1 +1 @@\\n-    was\\n+    " + arguments[0])
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the run."""
    monkeypatch.setattr(running, "_FOLDER", tmp_path / "mutants")
    monkeypatch.setattr(running, "_LOG", tmp_path / "mutants" / "run.log")
    return tmp_path / "mutants"


def _says(monkeypatch: pytest.MonkeyPatch, folder: Path, *, run: str = "pass", **ends: str) -> None:
    script = folder.parent / "mutmut"
    lines = (f"    {KEY}.{module}.x_f__mutmut_{index}: {end}" for index, (module, end) in enumerate(ends.items()))
    script.write_text(SCRIPT.format(python=sys.executable, run=run, results="\n".join(lines)))
    script.chmod(0o755)
    monkeypatch.setattr(running, "_MUTMUT", script)


def _runs(process: int) -> bool:
    try:
        return psutil.Process(process).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_runs_beside_links_to_the_checkout(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """In a folder of its own, made anew, and on the parts that are asked for."""
    _says(monkeypatch, folder)
    run(("controls", "admission.rbac"))
    assert (folder / "arguments").read_text() == "pulumi_pod_security.controls.* pulumi_pod_security.admission.rbac.*"
    (folder / "old").touch()
    run(())
    assert (folder / "arguments").read_text() == ""
    assert not (folder / "old").exists()
    assert (folder / "run.log").read_text() == "counting\n"


def test_a_run_that_fails(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """mutmut fails when a test does that nothing was changed for."""
    _says(monkeypatch, folder, run="sys.exit(3)")
    with pytest.raises(RunFailed, match=rf"mutmut ended with exit code 3; .* or in {folder}/run.log"):
        run(())


def test_an_interrupted_run_leaves_no_processes(folder: Path) -> None:
    """What mutmut has started ends with it."""
    program = f"""
import pathlib, signal, sys
from tools.mutants import running
# Who runs the tests in the background has it ignored, and so would this.
signal.signal(signal.SIGINT, signal.default_int_handler)
running._FOLDER = pathlib.Path({str(folder)!r})
running._LOG = running._FOLDER / "log"
running._MUTMUT = pathlib.Path({str(folder.parent / "mutmut")!r})
running.run(())
"""
    script = folder.parent / "mutmut"
    script.write_text("#!/bin/sh\nsleep 600 &\necho $! > child\nwait\n")
    script.chmod(0o755)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT, stderr=subprocess.DEVNULL)
    child = folder / "child"
    _until(lambda: child.exists() and child.read_text().endswith("\n"))
    process.send_signal(signal.SIGINT)
    assert process.wait(60) != 0
    # The operating system ends them together, and each in its own time.
    _until(lambda: not _runs(int(child.read_text())))


def test_survivors_are_what_no_test_saw(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Those that no test runs are among them; a test that never ends has seen its mutant."""
    folder.mkdir()
    _says(monkeypatch, folder, a="killed", b="survived", c="timeout", d="no tests", e="segfault", f="killed")
    assert found(()) == Found(
        total=6,
        survivors=tuple(
            Mutant(module=f"{KEY}.{name}", function="f", before="was", after=f"{KEY}.{name}.x_f__mutmut_{index}")
            for index, name in ((1, "b"), (3, "d"))
        ),
    )


def test_only_parts_that_were_run_are_looked_at(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """mutmut leaves the rest undecided."""
    folder.mkdir()
    _says(monkeypatch, folder, a="killed", b="not checked")
    assert found(("controls.a",)) == Found(total=1, survivors=())


@pytest.mark.parametrize("end", ["not checked", "suspicious", "check was interrupted by user"])
def test_a_run_that_did_not_decide(monkeypatch: pytest.MonkeyPatch, folder: Path, end: str) -> None:
    """It is no run, and says which mutants it left out."""
    folder.mkdir()
    _says(monkeypatch, folder, a="killed", b=end)
    with pytest.raises(RunFailed, match=rf"{KEY}\.b\.x_f__mutmut_1: {end}"):
        found(())


def test_no_mutants_at_all(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A configuration that names nothing is told, and not taken for perfect tests."""
    folder.mkdir()
    _says(monkeypatch, folder)
    with pytest.raises(RunFailed, match="did not decide"):
        found(())

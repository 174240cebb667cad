"""The checkout's virtual environment, and the script that makes it and the tools."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tools.toolchain import pip, virtualenv
from tools.toolchain.errors import ToolchainError

__all__: list[str] = []

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with nothing made yet."""
    folder = tmp_path / "checkout"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy2(CHECKOUT / "scripts" / "bootstrap", folder / "scripts")
    (folder / "requirements-dev.lock").write_text("locked\n")
    (folder / "pyproject.toml").write_text("[project]\n")
    return folder


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What pip was asked to install; the environment itself is only pretended."""
    calls: list[tuple[str, ...]] = []

    def create(folder: Path, **_: object) -> None:
        (folder / "bin").mkdir(parents=True, exist_ok=True)
        (folder / "bin" / "python").write_text("#!/bin/sh\n")
        (folder / "bin" / "python").chmod(0o755)

    monkeypatch.setattr("venv.create", create)
    monkeypatch.setattr(pip, "install", lambda _, *arguments, **__: calls.append(arguments))
    return calls


def test_it_is_made_from_the_lock_with_hashes_and_then_the_checkout(
    checkout: Path, installed: list[tuple[str, ...]]
) -> None:
    """The checkout itself brings nothing that is not locked."""
    virtualenv.make(checkout)
    assert installed == [
        ("--require-hashes", "--requirement", str(checkout / "requirements-dev.lock")),
        ("--no-deps", "--no-build-isolation", "--editable", str(checkout)),
    ]


@pytest.mark.parametrize("changed", ["requirements-dev.lock", "pyproject.toml"])
def test_it_is_made_again_only_when_what_it_is_made_from_changed(
    checkout: Path, installed: list[tuple[str, ...]], changed: str
) -> None:
    """The stamp is a copy of both files."""
    virtualenv.make(checkout)
    virtualenv.make(checkout)
    assert len(installed) == 2
    (checkout / changed).write_text("changed\n")
    virtualenv.make(checkout)
    assert len(installed) == 4


def test_an_interrupted_one_is_made_again(
    checkout: Path, installed: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a stamp nothing counts as made, also when there was one for older files."""
    virtualenv.make(checkout)
    (checkout / "pyproject.toml").write_text("changed\n")

    def fail(*_: object, **__: object) -> None:
        raise ToolchainError("pip install failed")

    with monkeypatch.context() as patched:
        patched.setattr(pip, "install", fail)
        with pytest.raises(ToolchainError):
            virtualenv.make(checkout)
    assert not (checkout / ".venv" / "stamp").exists()
    virtualenv.make(checkout)
    assert len(installed) == 4


def test_two_runs_take_turns(
    checkout: Path,
    installed: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The second waits, says so, and finds it made."""
    monkeypatch.setattr(virtualenv, "CHECKOUT", checkout)

    def install(_: Path, *arguments: str, **__: object) -> None:
        time.sleep(0.3)
        installed.append(arguments)

    monkeypatch.setattr(pip, "install", install)
    runs = [threading.Thread(target=virtualenv.main) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(installed) == 2
    assert "waiting for another run that is making the virtual environment" in capsys.readouterr().err


def test_a_failure_is_one_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """pip's own cause, and no traceback."""
    monkeypatch.setattr(virtualenv, "CHECKOUT", checkout)
    monkeypatch.setattr("venv.create", lambda folder, **_: folder.mkdir())

    def fail(*_: object, **__: object) -> None:
        raise ToolchainError("pip install failed: no such host")

    monkeypatch.setattr(pip, "install", fail)
    assert virtualenv.main() == 1
    assert capsys.readouterr().err.splitlines()[-1] == "error: virtual environment: pip install failed: no such host"


def test_a_checkout_that_cannot_be_written_is_one_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the file, and no traceback follows."""
    monkeypatch.setattr(virtualenv, "CHECKOUT", checkout)
    (checkout / ".venv").write_text("a file")
    assert virtualenv.main() == 1
    told = capsys.readouterr().err.splitlines()[-1]
    assert told.startswith("error: virtual environment: ")
    assert str(checkout / ".venv") in told
    assert told.endswith("the checkout must be writable and have room; then run this again")


def test_what_pip_unpacks_goes_with_the_next_run(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip's temporary files lie in the environment, where a killed run's are found."""
    seen: list[Path] = []
    monkeypatch.setattr("venv.create", lambda folder, **_: folder.mkdir())
    monkeypatch.setattr(pip, "install", lambda *_, temporary: seen.append(temporary))
    virtualenv.make(checkout)
    assert {path.parent for path in seen} == {checkout / ".venv"}
    assert [path.name for path in (checkout / ".venv").iterdir()] == ["stamp"]


def _bootstrap(checkout: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([checkout / "scripts" / "bootstrap"], cwd="/", capture_output=True, text=True, check=False)


def _python(path: Path, noting: Path, *, code: int = 0) -> None:
    """A Python that notes its arguments and that questions about its version end with `code`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$0 $*" >> {noting}\n[ "$1" != --version ] || echo Python 3.9.2\nexit {code}\n')
    path.chmod(0o755)


@pytest.mark.usefixtures("bin_folder")
def test_bootstrap_goes_straight_to_the_tools_when_the_stamp_fits(checkout: Path, tmp_path: Path) -> None:
    """Nothing else is started."""
    noted = tmp_path / "noted"
    _python(checkout / ".venv" / "bin" / "python", noted)
    (checkout / ".venv" / "stamp").write_bytes(virtualenv.wanted_stamp(checkout))
    assert _bootstrap(checkout).returncode == 0
    assert noted.read_text() == ".venv/bin/python -m tools.toolchain ensure\n"


def test_bootstrap_makes_the_environment_with_a_python_it_finds(
    checkout: Path, tmp_path: Path, bin_folder: Path
) -> None:
    """One that is too old is passed over."""
    noted = tmp_path / "noted"
    _python(bin_folder / "python3", tmp_path / "unused", code=1)
    _python(bin_folder / "python3.12", noted)
    assert _bootstrap(checkout).returncode != 0, "the pretended Python makes no environment"
    assert f"{bin_folder / 'python3.12'} -m tools.toolchain.virtualenv" in noted.read_text()


def test_bootstrap_prefers_the_named_python(
    checkout: Path, tmp_path: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """POD_SECURITY_PYTHON comes before what is on PATH."""
    noted = tmp_path / "noted"
    _python(bin_folder / "python3", tmp_path / "unused")
    _python(tmp_path / "mine", noted)
    monkeypatch.setenv("POD_SECURITY_PYTHON", str(tmp_path / "mine"))
    _bootstrap(checkout)
    assert f"{tmp_path / 'mine'} -m tools.toolchain.virtualenv" in noted.read_text()
    assert not (tmp_path / "unused").exists()


def test_bootstrap_says_in_one_line_that_python_is_too_old(checkout: Path, bin_folder: Path, tmp_path: Path) -> None:
    """With the version it saw and how to get another."""
    _python(bin_folder / "python3", tmp_path / "noted", code=1)
    done = _bootstrap(checkout)
    assert done.returncode == 1
    assert done.stderr == (
        "error: no Python 3.11 or later with venv found (python3 is Python 3.9.2); install one "
        "(on Debian and Ubuntu: apt install python3 python3-venv) or name it in POD_SECURITY_PYTHON\n"
    )
    assert done.stdout == ""


def test_the_stamp_is_what_cat_prints(checkout: Path) -> None:
    """The script compares without starting Python."""
    files = [checkout / "requirements-dev.lock", checkout / "pyproject.toml"]
    printed = subprocess.run(["cat", *files], capture_output=True, check=True).stdout
    assert virtualenv.wanted_stamp(checkout) == printed


def test_bootstrap_is_executable() -> None:
    """It is the first thing a newcomer runs."""
    assert os.access(CHECKOUT / "scripts" / "bootstrap", os.X_OK)

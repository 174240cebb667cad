"""Stand-ins for what the toolchain meets: a cache of its own, executables that print what they are told, a Go."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain.recipes import Binary, GoBuild, Recipe

__all__: list[str] = []

_GO = """#!{python}
import json, os, pathlib, sys, time
arguments, here = sys.argv[1:], pathlib.Path({log!r})
with here.open("a") as log:
    log.write(" ".join(arguments) + "\\n")
here.with_suffix(".env").write_text(json.dumps(dict(os.environ)))
if arguments[0] == "env":
    print("go{version}")
elif arguments[0] == "list":
    sys.stderr.write({list_error!r})
    sys.exit({list_error!r} != "")
elif arguments[0] == "build":
    out = pathlib.Path(arguments[arguments.index("-o") + 1])
    time.sleep({seconds})
    for package in arguments[arguments.index("-o") + 2:]:
        (out / package.rpartition("/")[2]).write_text({made!r})
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, used by this process and those it starts."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("POD_SECURITY_CACHE", str(folder))
    return folder


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH but for the system's own commands, among which none of the tools is."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{_system(tmp_path)}")
    return folder


@pytest.fixture
def executable() -> Callable[[Path, str], Path]:
    """Writes a script that prints a line, whatever it is asked."""

    def write(path: Path, printed: str) -> Path:
        return _script(path, f"#!/bin/sh\necho '{printed}'\n")

    return write


@pytest.fixture
def runnable() -> Callable[[Path], Path]:
    """Writes a file that can be run; nobody does."""
    return lambda path: _script(path, "#!/bin/sh\n")


@pytest.fixture
def fake_go(bin_folder: Path, tmp_path: Path) -> Callable[..., Path]:
    """Puts a `go` on PATH that only pretends; returns the file of its calls; the last one's variables are in .env."""

    def write(
        *, version: str = "1.99.0", list_error: str = "", seconds: float = 0, made: str = "#!/bin/sh\necho v1.0.0\n"
    ) -> Path:
        log = tmp_path / "go.log"
        text = _GO.format(
            python=sys.executable, log=str(log), version=version, list_error=list_error, seconds=seconds, made=made
        )
        _script(bin_folder / "go", text)
        return log

    return write


@pytest.fixture
def recipe() -> Callable[[str], Recipe]:
    """A recipe of one Go command of the given name, with the pins of a real one."""

    def make(name: str) -> Recipe:
        return Recipe(
            name=name,
            version="1.0.0",
            gigabytes=0,
            binaries=(Binary(name=name, fits="==1.0.0"),),
            steps=(GoBuild(folder="kwok-0.7.0", packages=(f"example.test/cmd/{name}",)),),
        )

    return make


def _script(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def _system(tmp_path: Path) -> Path:
    """Links to the few commands that scripts of the tests and of the checkout call."""
    folder = tmp_path / "system"
    folder.mkdir()
    for name in ("sh", "cat", "cmp", "dirname", "sleep", "touch"):
        found = next(Path(place) / name for place in os.defpath.split(os.pathsep) if (Path(place) / name).exists())
        (folder / name).symlink_to(found)
    return folder

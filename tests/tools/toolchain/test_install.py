"""Making tools: as a whole or not at all, one run at a time, and on from where a killed run stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.scratch import PREFIX
from tools.toolchain import golang
from tools.toolchain.cache import folder, work
from tools.toolchain.choose import missing
from tools.toolchain.errors import ToolchainError
from tools.toolchain.install import install
from tools.toolchain.recipes import Recipe

__all__: list[str] = []

FakeGo = Callable[..., Path]
MakeRecipe = Callable[[str], Recipe]

CHECKOUT = Path(__file__).parents[3]

_RUN = """
from tools.toolchain.choose import missing
from tools.toolchain.install import install
from tools.toolchain.recipes import Binary, GoBuild, Recipe
recipes = {recipes!r}
if missing(recipes):
    install(lambda: missing(recipes))
"""

# Prints its version only once a file says it may: the wait is between the build and the rename.
_HESITANT = "#!/bin/sh\ntouch {here}.asked\nwhile [ ! -e {here}.answer ]; do sleep 0.05; done\necho 1.0.0\n"


def _start(*recipes: Recipe) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _RUN.format(recipes=recipes)],
        cwd=CHECKOUT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _builds(log: Path) -> list[str]:
    return [line.split()[-1] for line in log.read_text().splitlines() if line.startswith("build ")]


@pytest.mark.usefixtures("cache")
def test_a_tool_is_made_and_nothing_else_is_left(fake_go: FakeGo, recipe: MakeRecipe, cache: Path) -> None:
    """After a complete build only finished tools and the lock remain."""
    fake_go()
    tool = recipe("tool")
    install(lambda: [tool])
    assert os.access(folder(tool) / "tool", os.X_OK)
    assert sorted(path.name for path in cache.iterdir()) == ["lock", "tools"]
    assert missing([tool]) == []


@pytest.mark.usefixtures("cache")
def test_go_runs_with_go_sum_enforced_and_caches_of_ours(
    fake_go: FakeGo, recipe: MakeRecipe, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the machine says about proxies stays; what would let unpinned code in does not."""
    log = fake_go()
    monkeypatch.setenv("GOPROXY", "proxy.test")
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    monkeypatch.setenv("GOOS", "plan9")
    install(lambda: [recipe("tool")])
    environment = json.loads(log.with_suffix(".env").read_text())
    assert environment["GOPROXY"] == "proxy.test"
    assert "-mod=readonly" in environment["GOFLAGS"].split()
    assert "GOOS" not in environment
    assert (environment["GOTOOLCHAIN"], environment["GOWORK"], environment["CGO_ENABLED"]) == ("local", "off", "0")
    for name in ("GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR"):
        assert Path(environment[name]).is_relative_to(cache / "work")


@pytest.mark.usefixtures("cache")
def test_a_result_that_prints_another_version_is_refused(fake_go: FakeGo, recipe: MakeRecipe) -> None:
    """A forgotten version stamp is found when the tool is made, not by a client that misjudges it."""
    fake_go(made="#!/bin/sh\necho v0.0.0\n")
    tool = recipe("tool")
    with pytest.raises(ToolchainError, match=r"tool-1\.0\.0: the tool made of it prints version 0\.0\.0"):
        install(lambda: [tool])
    assert not folder(tool).exists()


@pytest.mark.usefixtures("cache")
def test_two_runs_at_once_make_a_tool_once(fake_go: FakeGo, recipe: MakeRecipe) -> None:
    """The second waits, says so, and uses what the first made."""
    log = fake_go(seconds=1)
    tool = recipe("tool")
    runs = [_start(tool), _start(tool)]
    told = [run.communicate(timeout=120)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert len(_builds(log)) == 1
    assert sum("waiting for another run that is building the tools" in text for text in told) == 1
    assert (folder(tool) / "tool").exists()


@pytest.mark.usefixtures("cache")
def test_a_run_killed_between_build_and_rename_is_resumed(fake_go: FakeGo, recipe: MakeRecipe, tmp_path: Path) -> None:
    """Finished tools stay, the half-made one is no tool, and the next run makes only that."""
    first, second = recipe("first"), recipe("second")
    log = fake_go()
    install(lambda: [first])
    here = tmp_path / "tool"
    fake_go(made=_HESITANT.format(here=here))
    run = _start(first, second)
    _wait_for(Path(f"{here}.asked"))
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert missing([first, second]) == [second]
    assert work().exists()
    Path(f"{here}.answer").touch()
    resumed = _start(first, second)
    resumed.communicate(timeout=120)
    assert resumed.returncode == 0
    assert missing([first, second]) == []
    assert [Path(package).name for package in _builds(log)] == ["first", "second", "second"]
    assert not work().exists()


def _wait_for(path: Path) -> None:
    limit = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < limit
        time.sleep(0.05)


@pytest.mark.usefixtures("cache")
def test_a_tool_somebody_took_a_file_of_is_made_again(fake_go: FakeGo, recipe: MakeRecipe) -> None:
    """A folder that is not complete any more is replaced as a whole."""
    fake_go()
    tool = recipe("tool")
    install(lambda: [tool])
    (folder(tool) / "tool").rename(folder(tool) / "elsewhere")
    assert missing([tool]) == [tool]
    install(lambda: [tool])
    assert [path.name for path in folder(tool).iterdir()] == ["tool"]


@pytest.mark.usefixtures("cache")
def test_a_damaged_tool_is_made_again(fake_go: FakeGo, recipe: MakeRecipe) -> None:
    """An empty command is replaced by one that runs."""
    fake_go()
    tool = recipe("tool")
    install(lambda: [tool])
    (folder(tool) / "tool").write_bytes(b"")
    install(lambda: missing([tool]))
    assert (folder(tool) / "tool").read_bytes()


@pytest.mark.usefixtures("cache")
def test_what_killed_builds_left_does_not_pile_up(fake_go: FakeGo, recipe: MakeRecipe) -> None:
    """Go's temporary files and half-made tools go when the next run begins, also when that fails."""
    stale = time.time() - 3600
    for left in (golang.temporary() / "go-build1", work() / "stage" / f"{PREFIX}left"):
        left.mkdir(parents=True)
        os.utime(left, (stale, stale))
    fake_go(list_error="go: example.test@v1: dial tcp: no such host\n")
    with pytest.raises(ToolchainError):
        install(lambda: [recipe("tool")])
    assert not list(golang.temporary().iterdir())
    assert not list((work() / "stage").iterdir())


@pytest.mark.usefixtures("cache")
def test_a_failed_run_keeps_its_downloads(fake_go: FakeGo, recipe: MakeRecipe) -> None:
    """The next run goes on from what was fetched."""
    fake_go(list_error="go: example.test@v1: dial tcp: no such host\n")
    with pytest.raises(ToolchainError):
        install(lambda: [recipe("tool")])
    assert (work() / "go").exists()

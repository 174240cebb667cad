"""What other tools get, and the command line that prints it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain import ToolchainError, api, binary, environment
from tools.toolchain.cache import folder
from tools.toolchain.cli import main
from tools.toolchain.recipes import RECIPES

__all__: list[str] = []

CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def made(cache: Path, runnable: Callable[[Path], Path]) -> Path:
    """A cache in which everything has been made."""
    for recipe in RECIPES:
        folder(recipe).mkdir(parents=True)
        for tool in recipe.binaries:
            for name in (tool.name, *tool.companions):
                runnable(folder(recipe) / name)
    return cache


@pytest.mark.usefixtures("made")
def test_a_binary_is_given_by_name_and_version() -> None:
    """The file in the cache; the version may be left out."""
    path = binary("kube-apiserver", version="1.24.17")
    assert path.parent.name.startswith("kubernetes-1.24.17-")
    assert binary("kube-apiserver") == path


@pytest.mark.usefixtures("made")
def test_an_unknown_binary_or_version_is_refused_with_the_known_ones() -> None:
    """The message lists what there is."""
    with pytest.raises(
        ToolchainError, match=r"no recipe for kube-apiserver 1\.2\.3: there are .*kube-apiserver 1\.24\.17"
    ):
        binary("kube-apiserver", version="1.2.3")


def test_what_cannot_be_made_is_raised(cache: Path, bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller gets the one-line error and no path."""
    assert not list(bin_folder.iterdir())
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(cache))
    with pytest.raises(ToolchainError, match=r"^etcd-3\.5\.1: "):
        binary("etcd")


@pytest.mark.usefixtures("made")
def test_the_environment_has_the_tools_first_and_keeps_pulumi_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every tool and every file Pulumi looks for is found in the first folder of PATH."""
    monkeypatch.setenv("PATH", "/usr/bin")
    settings = environment()
    first, rest = settings["PATH"].split(os.pathsep)
    assert rest == "/usr/bin"
    wanted = {name for recipe in RECIPES for tool in recipe.binaries for name in (tool.name, *tool.companions)}
    assert {path.name for path in Path(first).iterdir()} == wanted
    assert all(path.resolve().is_file() for path in Path(first).iterdir())
    assert settings["PULUMI_SKIP_UPDATE_CHECK"] == settings["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "1"


@pytest.mark.usefixtures("made")
def test_a_users_own_pulumi_brings_its_own_language_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runnable: Callable[[Path], Path]
) -> None:
    """Hosts are never mixed: all of Pulumi's files come from where its CLI is."""
    pulumi = next(tool for recipe in RECIPES for tool in recipe.binaries if tool.name == "pulumi")
    for name in pulumi.companions:
        runnable(tmp_path / name)
    (tmp_path / "pulumi").write_text("#!/bin/sh\necho v3.300.0\n")
    (tmp_path / "pulumi").chmod(0o755)
    before = api.links()
    monkeypatch.setenv("POD_SECURITY_PULUMI", str(tmp_path / "pulumi"))
    links = api.links()
    assert links != before
    for name in ("pulumi", *pulumi.companions):
        assert (links / name).readlink() == tmp_path / name
    assert (links / "etcd").readlink() == (before / "etcd").readlink()


@pytest.mark.usefixtures("made")
def test_with_a_pulumi_home_the_provider_is_in_its_plugin_cache_only(tmp_path: Path) -> None:
    """The CLI warns at every run of a provider it finds on PATH."""
    home = tmp_path / "home"
    for _ in range(2):
        settings = environment(pulumi_home=home)
    first = Path(settings["PATH"].split(os.pathsep)[0])
    assert settings["PULUMI_HOME"] == str(home)
    assert "pulumi-resource-kubernetes" not in {path.name for path in first.iterdir()}
    plugin = home / "plugins" / "resource-kubernetes-v4.25.0" / "pulumi-resource-kubernetes"
    assert plugin.readlink() == binary("pulumi-resource-kubernetes")
    assert [path.name for path in home.iterdir()] == ["plugins"]


@pytest.mark.usefixtures("made")
def test_a_plugin_cache_follows_the_chosen_provider(tmp_path: Path) -> None:
    """A link to a provider of an older cache is replaced."""
    plugin = tmp_path / "plugins" / "resource-kubernetes-v4.25.0" / "pulumi-resource-kubernetes"
    plugin.parent.mkdir(parents=True)
    plugin.symlink_to("/nowhere/pulumi-resource-kubernetes")
    environment(pulumi_home=tmp_path)
    assert plugin.readlink() == binary("pulumi-resource-kubernetes")


@pytest.mark.usefixtures("made")
def test_links_are_made_once() -> None:
    """The folder's name follows from its content, and no half-made one stays beside it."""
    assert api.links() == api.links()
    assert len(list(api.links().parent.iterdir())) == 1


@pytest.mark.usefixtures("made")
def test_env_is_evaluated_by_a_shell() -> None:
    """What it prints leaves PATH and the settings as `environment` gives them."""
    command = f'eval "$({sys.executable} -m tools.toolchain env)"; command -v kubeadm; echo $PULUMI_SKIP_UPDATE_CHECK'
    done = subprocess.run(["sh", "-c", command], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(api.links() / "kubeadm"), "1"]


@pytest.mark.usefixtures("made")
def test_path_prints_the_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """One line, for scripts."""
    assert main(["path"]) == 0
    assert capsys.readouterr() == (f"{api.links()}\n", "")


@pytest.mark.usefixtures("made")
def test_nothing_to_do_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """The second run says nothing."""
    assert main([]) == main(["ensure"]) == main(["ensure", "kwok"]) == 0
    assert capsys.readouterr() == ("", "")


def test_list_shows_every_tool_with_state_and_file(
    made: Path, bin_folder: Path, capsys: pytest.CaptureFixture[str], executable: Callable[[Path, str], Path]
) -> None:
    """Tool, version, where it comes from and which file it is."""
    (folder(RECIPES[0]) / "etcd").unlink()
    kwok = next(recipe for recipe in RECIPES if recipe.name == "kwok")
    (folder(kwok) / "kwok").unlink()
    executable(bin_folder / "kwok", "kwok version v0.7.0 go1.26")
    assert main(["list"]) == 0
    rows = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    assert rows["etcd"] == ["etcd-3.5.1", "missing", "-"]
    assert rows["kwok"] == ["kwok-0.7.0", "PATH", str(bin_folder / "kwok")]
    assert rows["kubeadm"][:2] == ["kubernetes-1.24.17", "built"]
    assert Path(rows["kubeadm"][2]).is_relative_to(made)


def test_clean_drops_everything_but_the_tools_of_this_checkout(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Older versions, leftovers of builds and links go; it says what it removes."""
    for left in ("tools/kwok-0.6.0-0123456789ab", "work/go", "path/0123456789ab"):
        (made / left).mkdir(parents=True)
    assert main(["clean"]) == 0
    assert {path.name for path in (made / "tools").iterdir()} == {folder(recipe).name for recipe in RECIPES}
    assert not (made / "work").exists()
    assert not list((made / "path").iterdir())
    assert capsys.readouterr().err.count("removing ") == 3


def test_help_names_commands_and_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Worth reading: where a tool comes from, the variables, an example."""
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    told = capsys.readouterr().out
    for word in ("ensure", "list", "path", "env", "clean", "POD_SECURITY_CACHE", "POD_SECURITY_GO", "GOPROXY"):
        assert re.search(rf"\b{word}\b", told)


def test_the_fast_path_imports_no_heavy_library() -> None:
    """The run that finds everything in place must not pay for the one that does not."""
    heavy = "{'rich', 'packaging', 'filelock', 'grpc', 'pulumi', 'typer'} & set(sys.modules)"
    code = f"import sys; from tools.toolchain.cli import main; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"

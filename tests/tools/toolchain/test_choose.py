"""Which file serves as a tool."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.toolchain.asking import version_of
from tools.toolchain.cache import folder
from tools.toolchain.choose import Choice, chosen, missing, selected, variable
from tools.toolchain.errors import ToolchainError
from tools.toolchain.recipes import RECIPES, Binary, Recipe

__all__: list[str] = []

Executable = Callable[[Path, str], Path]
Runnable = Callable[[Path], Path]

KUBERNETES, PULUMI, PROVIDER = (
    next(recipe for recipe in RECIPES if recipe.name == name) for name in ("kubernetes", "pulumi", "pulumi-kubernetes")
)
APISERVER = KUBERNETES.binaries[0]
NEWER = next(recipe for recipe in RECIPES if recipe.title == "kubernetes-1.36.3")


def _made(recipe: Recipe, name: str) -> Path:
    path = folder(recipe) / name
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.usefixtures("cache", "bin_folder")
def test_nothing_anywhere_is_missing() -> None:
    """A tool that is nowhere has to be made."""
    assert chosen(KUBERNETES, APISERVER) is None
    assert missing([KUBERNETES]) == [KUBERNETES]


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("printed", "fits"),
    [
        ("Kubernetes v1.24.17", True),
        ("Kubernetes v1.24.17-eks-1234", True),
        ("Kubernetes v1.24.16", False),
        ("Kubernetes v1.36.3", False),
        ("no version at all", False),
    ],
)
def test_a_file_on_path_serves_when_it_prints_the_version(
    bin_folder: Path, executable: Executable, printed: str, *, fits: bool
) -> None:
    """Kubernetes' commands must be exactly the wanted version."""
    path = executable(bin_folder / "kube-apiserver", printed)
    assert chosen(KUBERNETES, APISERVER) == (Choice(path=path, origin="PATH") if fits else None)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("printed", "fits"), [("v3.259.0", True), ("v3.300.1", True), ("v3.258.9", False), ("v4.0.0", False)]
)
def test_a_newer_pulumi_serves_within_the_major_version(
    bin_folder: Path, executable: Executable, runnable: Runnable, printed: str, *, fits: bool
) -> None:
    """The CLI may be newer, when it brings its own language host."""
    binary = PULUMI.binaries[0]
    for companion in binary.companions:
        runnable(bin_folder / companion)
    path = executable(bin_folder / "pulumi", printed)
    assert chosen(PULUMI, binary) == (Choice(path=path, origin="PATH") if fits else None)


@pytest.mark.usefixtures("cache")
def test_a_pulumi_without_its_language_host_does_not_serve(bin_folder: Path, executable: Executable) -> None:
    """Our own host is older than such a CLI and is not mixed with it."""
    executable(bin_folder / "pulumi", "v3.300.0")
    assert chosen(PULUMI, PULUMI.binaries[0]) is None


@pytest.mark.usefixtures("cache")
def test_companions_are_looked_for_where_a_link_leads(
    bin_folder: Path, executable: Executable, runnable: Runnable, tmp_path: Path
) -> None:
    """Package managers link the command only."""
    binary = PULUMI.binaries[0]
    real = tmp_path / "real"
    real.mkdir()
    for companion in binary.companions:
        runnable(real / companion)
    (bin_folder / "pulumi").symlink_to(executable(real / "pulumi", "v3.300.0"))
    assert chosen(PULUMI, binary) == Choice(path=bin_folder / "pulumi", origin="PATH")


@pytest.mark.usefixtures("cache")
def test_what_was_made_before_comes_before_path(bin_folder: Path, executable: Executable) -> None:
    """A tool once made is used without asking anything on PATH for its version."""
    executable(bin_folder / "kube-apiserver", "Kubernetes v1.24.17")
    own = _made(KUBERNETES, "kube-apiserver")
    assert chosen(KUBERNETES, APISERVER) == Choice(path=own, origin="built")


@pytest.mark.usefixtures("cache", "bin_folder")
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.chmod(0o644), id="not executable"),
        pytest.param(lambda path: (path.unlink(), path.mkdir()), id="a folder"),
    ],
)
@pytest.mark.parametrize("name", ["pulumi", "pulumi-language-python"])
def test_a_damaged_file_does_not_count_as_made(runnable: Runnable, damage: Callable[[Path], object], name: str) -> None:
    """A command or a file it needs, as a full disk or a power cut leaves it, is made again."""
    binary = PULUMI.binaries[0]
    _made(PULUMI, "pulumi")
    for companion in binary.companions:
        runnable(folder(PULUMI) / companion)
    assert missing([PULUMI]) == []
    damage(folder(PULUMI) / name)
    assert missing([PULUMI]) == [PULUMI]


@pytest.mark.usefixtures("cache", "bin_folder")
def test_a_named_file_comes_before_all(executable: Executable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable is the user's word."""
    _made(KUBERNETES, "kube-apiserver")
    path = executable(tmp_path / "mine", "Kubernetes v1.24.17")
    monkeypatch.setenv("POD_SECURITY_KUBE_APISERVER", str(path))
    assert chosen(KUBERNETES, APISERVER) == Choice(path=path, origin="POD_SECURITY_KUBE_APISERVER")


@pytest.mark.usefixtures("cache", "bin_folder")
@pytest.mark.parametrize("printed", ["Kubernetes v1.23.0", "nothing"])
def test_a_named_file_that_does_not_fit_is_refused(
    executable: Executable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: str
) -> None:
    """It is not silently replaced: the message names variable, file, both versions and the way out."""
    path = executable(tmp_path / "mine", printed)
    monkeypatch.setenv("POD_SECURITY_KUBE_APISERVER", str(path))
    version = "1.23.0" if "1.23.0" in printed else None
    told = (
        f"POD_SECURITY_KUBE_APISERVER={str(path)!r} prints version {version}; needed is kube-apiserver ==1.24.17: "
        "name such a file or unset POD_SECURITY_KUBE_APISERVER"
    )
    with pytest.raises(ToolchainError) as raised:
        chosen(KUBERNETES, APISERVER)
    assert str(raised.value) == told


@pytest.mark.usefixtures("cache", "bin_folder")
def test_a_named_file_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistyped path is told, not passed over."""
    monkeypatch.setenv("POD_SECURITY_ETCD", "/nowhere/etcd")
    etcd = RECIPES[0]
    with pytest.raises(ToolchainError, match="POD_SECURITY_ETCD='/nowhere/etcd' prints version None"):
        chosen(etcd, etcd.binaries[0])


@pytest.mark.usefixtures("cache", "bin_folder")
def test_a_named_file_of_another_known_version_serves_that_one(
    executable: Executable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recipe: Callable[[str], Recipe]
) -> None:
    """One variable cannot name the same command of two Kubernetes versions; the other version goes on as without it."""
    made = recipe("kube-apiserver")
    path = executable(tmp_path / "mine", "Kubernetes v1.24.17")
    monkeypatch.setenv("POD_SECURITY_KUBE_APISERVER", str(path))
    assert chosen(made, made.binaries[0]) is None


def test_variable_names_follow_from_the_tool() -> None:
    """The same rule for every tool, so that nobody has to look one up."""
    assert variable("pulumi-resource-kubernetes") == "POD_SECURITY_PULUMI_RESOURCE_KUBERNETES"


def test_tools_are_selected_by_any_of_their_names() -> None:
    """A set of tools is meant by its name, its title or one of its binaries."""
    assert selected(["kubeadm"]) == selected(["kubernetes-1.24.17"]) == [KUBERNETES]
    assert selected(["kubernetes"]) == selected(["kube-apiserver"]) == [KUBERNETES, NEWER]
    assert selected([]) == list(RECIPES)


def test_an_unknown_tool_is_refused_with_the_known_ones() -> None:
    """A mistyped name must not look like success."""
    with pytest.raises(ToolchainError, match=r"unknown tool 'kubeadmin'; known are etcd, .*kubeadm"):
        selected(["kubeadmin"])


@pytest.mark.usefixtures("cache")
def test_a_script_is_asked_every_time(executable: Executable, tmp_path: Path) -> None:
    """It may pass the question on to something that changes without it."""
    answer = tmp_path / "answer"
    answer.write_text("1.0.0")
    path = executable(tmp_path / "tool", f"'$(cat {answer})'")
    assert version_of(path, Binary(name="tool", fits="")) == "1.0.0"
    answer.write_text("2.0.0")
    assert version_of(path, Binary(name="tool", fits="")) == "2.0.0"


@pytest.mark.usefixtures("cache")
def test_a_binary_is_asked_again_only_when_its_file_changed(tmp_path: Path) -> None:
    """The second run has no time to start every tool."""
    found = shutil.which("echo")
    assert found
    path = Path(shutil.copy(found, tmp_path / "tool"))
    assert version_of(path, Binary(name="tool", fits="", ask=("1.0.0",))) == "1.0.0"
    assert version_of(path, Binary(name="tool", fits="", ask=("2.0.0",))) == "1.0.0"
    path.touch()
    assert version_of(path, Binary(name="tool", fits="", ask=("2.0.0",))) == "2.0.0"


@pytest.mark.usefixtures("cache")
def test_a_broken_memory_is_as_good_as_none(cache: Path, tmp_path: Path) -> None:
    """Remembered versions are a convenience; a damaged file must not stop anything."""
    cache.mkdir()
    (cache / "versions.json").write_text("{")
    found = shutil.which("echo")
    assert found
    path = Path(shutil.copy(found, tmp_path / "tool"))
    assert version_of(path, Binary(name="tool", fits="", ask=("1.0.0",))) == "1.0.0"


def test_a_version_that_cannot_be_remembered_is_told_all_the_same(cache: Path, tmp_path: Path) -> None:
    """A cache that cannot be written is no reason to refuse a fitting file."""
    cache.write_text("a file")
    found = shutil.which("echo")
    assert found
    path = Path(shutil.copy(found, tmp_path / "tool"))
    assert version_of(path, Binary(name="tool", fits="", ask=("1.0.0",))) == "1.0.0"


_PROVIDER = """#!{python}
from concurrent.futures import ThreadPoolExecutor
import grpc
from pulumi.runtime.proto import plugin_pb2, provider_pb2_grpc
class Provider(provider_pb2_grpc.ResourceProviderServicer):
    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version="4.25.0")
server = grpc.server(ThreadPoolExecutor(1))
provider_pb2_grpc.add_ResourceProviderServicer_to_server(Provider(), server)
print(server.add_insecure_port("127.0.0.1:0"), flush=True)
server.start()
server.wait_for_termination()
"""


@pytest.mark.usefixtures("cache")
def test_a_provider_is_asked_over_grpc(tmp_path: Path) -> None:
    """It has no argument that prints its version."""
    path = tmp_path / "provider"
    path.write_text(_PROVIDER.format(python=sys.executable))
    path.chmod(0o755)
    assert version_of(path, PROVIDER.binaries[0]) == "4.25.0"


@pytest.mark.usefixtures("cache")
def test_what_is_no_provider_has_no_version(executable: Executable, tmp_path: Path) -> None:
    """Anything else of that name ends without an answer."""
    assert version_of(executable(tmp_path / "provider", "4.25.0"), PROVIDER.binaries[0]) is None

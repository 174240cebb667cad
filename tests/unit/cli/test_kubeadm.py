"""`pod-security kubeadm-config`: two files, what differs, and what to run when."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.servers import BOTH, ONE, configured, show
from tests.unit.support.terminal import run
from tests.unit.support.world import TOKEN, World, kubeconfig

UPLOAD = "sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml"
AGAIN = "sudo kubeadm upgrade node phase control-plane"
SECRET = "abcdef.0123456789abcdef"
GIVEN = f"kind: InitConfiguration\nbootstrapTokens: [{{token: {SECRET}}}]\n---\r\n{CONFIG}"
ON = GIVEN.replace(ONE, BOTH)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration with a token, and line ends of two kinds."""
    path = tmp_path / "kubeadm.yaml"
    path.write_bytes(GIVEN.encode())
    return path


def phases(folder: Path) -> list[str]:
    """What was written."""
    return [(folder / f"kubeadm-phase-{number}.yaml").read_bytes().decode() for number in (1, 2)]


def refused(*arguments: str) -> str:
    """What is said on the standard error by a command that cannot do its work."""
    done = run("kubeadm-config", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert SECRET not in done.stderr
    assert TOKEN not in done.stderr
    return done.stderr


@pytest.mark.parametrize("given", [GIVEN, ON], ids=["off", "on"])
def test_writes_both_phases(file: Path, tmp_path: Path, given: str) -> None:
    """Which of them the file already was; everything else is kept to the byte."""
    file.write_bytes(given.encode())
    out = tmp_path / "new" / "folder"
    done = run("kubeadm-config", str(file), "--folder", str(out))
    assert (done.exit_code, done.stderr) == (0, "")
    assert phases(out) == [GIVEN, ON]
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    same = {number: f" ({file} as it is)" if text == given else "" for number, text in ((1, GIVEN), (2, ON))}
    assert done.stdout.splitlines() == [
        f"phase 1: {out}/kubeadm-phase-1.yaml{same[1]}: admission plugins NodeRestriction",
        f"phase 2: {out}/kubeadm-phase-2.yaml{same[2]}: admission plugins NodeRestriction, PodSecurityPolicy",
        "phase 2 differs in line 10, apiServer.extraArgs.enable-admission-plugins, and in nothing else",
        f"1. a new cluster is made without the plugin: sudo kubeadm init --config {out}/kubeadm-phase-1.yaml",
        "2. policies and grants: pulumi up, without a platform; what they would refuse: pod-security check --cluster",
        f"3. the plugin: scp {out}/kubeadm-phase-2.yaml NODE:kubeadm.yaml && ssh NODE {UPLOAD} && ssh NODE {AGAIN}",
        f"back, before policies and grants go: scp {out}/kubeadm-phase-1.yaml NODE:kubeadm.yaml && "
        f"ssh NODE {UPLOAD} && ssh NODE {AGAIN}",
        "NODE stands for each control-plane node; with --cluster they are named",
    ]


def test_a_token_on_the_same_line_is_not_shown(file: Path, tmp_path: Path) -> None:
    """JSON has everything on one line."""
    text = '{"kind": "ClusterConfiguration", "apiVersion": "kubeadm.k8s.io/v1beta3", "x": "%s"}\n'
    file.write_text(text % SECRET)
    done = run("kubeadm-config", str(file), "--folder", str(tmp_path))
    assert done.exit_code == 0
    assert SECRET not in done.output
    assert "phase 2 differs in line 1, " in done.stdout
    assert "write kubernetesVersion into both files before they are used" in done.stdout


def test_of_a_cluster_it_is_the_live_configuration(world: World, tmp_path: Path) -> None:
    """Its nodes are named, and nothing in it is changed."""
    configured(world)
    show(world, cp2=ONE, cp1=ONE)
    path = tmp_path / "config"
    path.write_text(kubeconfig(world.address))
    done = run("kubeadm-config", "--kubeconfig", str(path), "--folder", str(tmp_path))
    assert (done.exit_code, done.stderr) == (0, "")
    assert phases(tmp_path) == [CONFIG, CONFIG.replace(ONE, BOTH)]
    assert "(ConfigMap kube-system/kubeadm-config as it is)" in done.stdout
    assert (
        f"3. the plugin: scp {tmp_path}/kubeadm-phase-2.yaml cp-1:kubeadm.yaml && ssh cp-1 {UPLOAD} && " in done.stdout
    )
    assert f"ssh cp-1 {AGAIN} && ssh cp-2 {AGAIN}" in done.stdout
    assert "kubeadm init --config" not in done.stdout
    assert "NODE" not in done.stdout
    assert {call.method for call in world.calls} == {"GET"}


def test_a_file_beside_a_cluster_names_its_nodes(world: World, file: Path, tmp_path: Path) -> None:
    """The file is what is written, the cluster says for whom."""
    show(world, cp1=ONE)
    path = tmp_path / "config"
    path.write_text(kubeconfig(world.address))
    done = run("kubeadm-config", str(file), "--kubeconfig", str(path), "--folder", str(tmp_path))
    assert done.exit_code == 0
    assert phases(tmp_path) == [GIVEN, ON]
    assert f"ssh cp-1 {AGAIN}" in done.stdout


def test_a_file_of_another_version_than_the_cluster_is_refused(world: World, file: Path, tmp_path: Path) -> None:
    """Uploaded, it would make the nodes follow to that version; nothing is written."""
    file.write_text(GIVEN.replace("v1.24.17", "v1.23.1"))
    path = tmp_path / "config"
    path.write_text(kubeconfig(world.address))
    said = refused(str(file), "--kubeconfig", str(path), "--folder", str(tmp_path / "out"))
    assert "kubernetesVersion: 'v1.23.1'; allowed: 'v1.24.17', which the API server runs" in said
    assert not (tmp_path / "out").exists()


def test_a_cluster_without_the_configmap_is_one_error(world: World, tmp_path: Path) -> None:
    """With what to do instead."""
    world.absent = {"/api/v1/namespaces/kube-system/configmaps/kubeadm-config"}
    path = tmp_path / "config"
    path.write_text(kubeconfig(world.address))
    assert "there is no ConfigMap kube-system/kubeadm-config" in refused("--kubeconfig", str(path))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("a: [", "the kubeadm configuration is not YAML: line 1", id="not-yaml"),
        pytest.param(f"token: {SECRET}\n", "holds no ClusterConfiguration", id="other-kind"),
        pytest.param(
            GIVEN.replace("v1.24.17", "v1.29.0"), "kubernetesVersion: 'v1.29.0'; allowed: up to", id="too-new"
        ),
    ],
)
def test_what_cannot_be_used_is_named(file: Path, tmp_path: Path, text: str, words: str) -> None:
    """By the file, and nothing is written."""
    file.write_text(text)
    said = refused(str(file), "--folder", str(tmp_path / "out"))
    assert said.startswith(f"pod-security: {file}: ")
    assert words in said
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_named(file: Path) -> None:
    """A file stands in its place."""
    assert f"--folder: '{file}'; allowed: a folder that can be written" in refused(str(file), "--folder", str(file))


def test_the_file_itself_is_not_replaced(tmp_path: Path) -> None:
    """One that has the name of a phase and is none is kept."""
    file = tmp_path / "kubeadm-phase-1.yaml"
    file.write_bytes(ON.encode())
    assert "another folder than that of FILE" in refused(str(file), "--folder", str(tmp_path))
    assert file.read_bytes().decode() == ON
    assert len(list(tmp_path.iterdir())) == 1


def test_run_again_on_its_own_second_phase_changes_nothing(file: Path, tmp_path: Path) -> None:
    """What it wrote is a configuration like any other."""
    assert run("kubeadm-config", str(file), "--folder", str(tmp_path)).exit_code == 0
    second = tmp_path / "kubeadm-phase-2.yaml"
    assert run("kubeadm-config", str(second), "--folder", str(tmp_path)).exit_code == 0
    assert phases(tmp_path) == [GIVEN, ON]


def test_without_anything_to_read_it_is_misused() -> None:
    """As the other commands say it."""
    assert "give the file of a kubeadm configuration, or --cluster" in refused()

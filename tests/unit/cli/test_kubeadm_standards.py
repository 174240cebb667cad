"""`pod-security kubeadm-standards`: three files, what differs, and what to run when."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.servers import ONE, configured, show
from tests.unit.support.terminal import run
from tests.unit.support.world import World, kubeconfig

UPLOAD = "sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml"
AGAIN = "sudo kubeadm upgrade node phase control-plane"
SECRET = "abcdef.0123456789abcdef"
GIVEN = f"kind: InitConfiguration\nbootstrapTokens: [{{token: {SECRET}}}]\n---\n{CONFIG}"
FOLDER = "/etc/kubernetes/pod-security"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A configuration with a token."""
    path = tmp_path / "kubeadm.yaml"
    path.write_text(GIVEN)
    return path


def written(folder: Path) -> tuple[str, str, Path]:
    """The configuration before and after, and the file that it names."""
    (file,) = folder.glob("admission-*.yaml")
    names = ("kubeadm-before-standards.yaml", "kubeadm-with-standards.yaml")
    before, after = ((folder / name).read_text() for name in names)
    return before, after, file


def refused(*arguments: str) -> str:
    """What is said on the standard error by a command that cannot do its work."""
    done = run("kubeadm-standards", *arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert SECRET not in done.stderr
    return done.stderr


def test_writes_the_file_and_what_names_it(file: Path, tmp_path: Path) -> None:
    """And says what to run, the file first, and the way back."""
    out = tmp_path / "out"
    done = run("kubeadm-standards", str(file), "--enforce", "baseline", "--folder", str(out))
    assert (done.exit_code, done.stderr) == (0, "")
    before, after, made = written(out)
    assert before == GIVEN
    assert sorted(set(after.splitlines()) - set(before.splitlines())) == [
        f"    admission-control-config-file: {FOLDER}/{made.name}",
        f"    hostPath: {FOLDER}",
        f"    mountPath: {FOLDER}",
        "    pathType: Directory",
        "    readOnly: true",
        "  - name: pod-security",
        "  extraVolumes:",
    ]
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    changed, unchanged = out / "kubeadm-with-standards.yaml", out / "kubeadm-before-standards.yaml"
    assert done.stdout.splitlines() == [
        f"file: {made}: for Kubernetes 1.24; its name follows its content",
        f"before: {unchanged} ({file} as it is)",
        f"after: {changed}: differs in lines 9, 10, 11, 12, 13, 14, 16: the API server's flag and its volume",
        "kube-system is not exempt: unless it is labelled pod-security.kubernetes.io/enforce=privileged, its own pods, "
        "such as those of kube-proxy and of the network, are judged by the default too",
        f"1. the file, before anything names it: scp {made} NODE:{made.name} && "
        f"ssh NODE sudo install -D -m 644 {made.name} {FOLDER}/{made.name}",
        f"2. a new cluster: sudo kubeadm init --config {changed}; nodes that join its control plane need the file "
        "first, too",
        f"2. a cluster that is there: scp {changed} NODE:kubeadm.yaml && ssh NODE {UPLOAD} && ssh NODE {AGAIN}",
        "3. in a namespace without labels this is refused then, with the words "
        'violates PodSecurity "baseline:v1.24": kubectl run tried --image=tried --privileged --dry-run=server',
        f"back, while the file is still there: scp {unchanged} NODE:kubeadm.yaml && ssh NODE {UPLOAD} && "
        f"ssh NODE {AGAIN}",
        "NODE stands for each control-plane node; with --cluster they are named",
    ]


def test_the_file_says_what_was_asked(file: Path, tmp_path: Path) -> None:
    """In the version that the server reads; a level without a version has the server's."""
    options = ("--enforce", "baseline:v1.23", "--warn", "restricted", "--exempt-namespace", "kube-system")
    more = ("--exempt-user", "ci", "--exempt-user", "1e3", "--exempt-runtime-class", "kata")
    done = run("kubeadm-standards", str(file), *options, *more, "--folder", str(tmp_path))
    assert done.exit_code == 0
    assert "kube-system" not in done.stdout
    (plugin,) = yaml.safe_load(written(tmp_path)[2].read_text())["plugins"]
    assert plugin["configuration"] == {
        "apiVersion": "pod-security.admission.config.k8s.io/v1beta1",
        "kind": "PodSecurityConfiguration",
        "defaults": {
            "enforce": "baseline",
            "enforce-version": "v1.23",
            "audit": "privileged",
            "audit-version": "latest",
            "warn": "restricted",
            "warn-version": "v1.24",
        },
        "exemptions": {"usernames": ["ci", "1e3"], "runtimeClasses": ["kata"], "namespaces": ["kube-system"]},
    }


def test_of_a_cluster_it_is_the_live_configuration(world: World, tmp_path: Path) -> None:
    """Its nodes are named, each gets the file, and nothing in it is changed."""
    configured(world)
    show(world, cp2=ONE, cp1=ONE)
    path = tmp_path / "config"
    path.write_text(kubeconfig(world.address))
    done = run("kubeadm-standards", "--kubeconfig", str(path), "--folder", str(tmp_path), "--warn", "baseline")
    assert (done.exit_code, done.stderr) == (0, "")
    before, _, made = written(tmp_path)
    assert before == CONFIG
    install = f"sudo install -D -m 644 {made.name} {FOLDER}/{made.name}"
    assert f"scp {made} cp-1:{made.name} && ssh cp-1 {install} && scp {made} cp-2:{made.name}" in done.stdout
    assert f"ssh cp-1 {AGAIN} && ssh cp-2 {AGAIN}" in done.stdout
    assert "NODE" not in done.stdout
    assert "a new cluster" not in done.stdout
    assert "violates" not in done.stdout
    assert {call.method for call in world.calls} == {"GET"}


def test_a_managed_control_plane_is_refused(world: World, tmp_path: Path) -> None:
    """With its provider's name and what to use instead, before anything is read or written."""
    world.version = {**world.version, "gitVersion": "v1.24.17-eks-1"}
    path = tmp_path / "config"
    path.write_text(kubeconfig(world.address))
    said = refused("--kubeconfig", str(path), "--folder", str(tmp_path / "out"))
    assert said.startswith("pod-security: Amazon EKS: the API server's flag --admission-control-config-file, ")
    assert "label the namespaces instead, which ps.NamespaceStandards does" in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        pytest.param(GIVEN, ("--enforce", "strict"), "--enforce: 1 fault\n  level: 'strict'; allowed: one", id="level"),
        pytest.param(
            GIVEN, ("--warn", "baseline:2"), "--warn: 1 fault\n  version: '2'; allowed: 'latest'", id="version"
        ),
        pytest.param(GIVEN, ("--exempt-namespace", "A"), "exemptions.namespaces[0]: 'A'; allowed: ", id="exemption"),
        pytest.param(
            GIVEN.replace("kubernetesVersion: v1.24.17\n", ""),
            (),
            "kubeadm.yaml: kubernetesVersion: None; allowed: a version such as 'v1.24.17', by which",
            id="no-version",
        ),
        pytest.param(GIVEN.replace("v1.24.17", "v1.21.0"), (), "version: '1.21'; allowed: 1.22 or later", id="too-old"),
        pytest.param(
            GIVEN + "    admission-control-config-file: /etc/mine.yaml\n",
            (),
            "extraArgs.admission-control-config-file: '/etc/mine.yaml' is a file of somebody else, which stays",
            id="somebody-elses",
        ),
    ],
)
def test_what_cannot_be_used_is_named(
    file: Path, tmp_path: Path, text: str, options: tuple[str, ...], words: str
) -> None:
    """And nothing is written."""
    file.write_text(text)
    assert words in refused(str(file), *options, "--folder", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_without_a_configuration_there_is_nothing_to_write() -> None:
    """As any wrong usage."""
    assert "give the file of a kubeadm configuration, or --cluster" in refused()

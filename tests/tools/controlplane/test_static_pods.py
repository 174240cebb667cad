"""Reading the manifest folder."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.controlplane.static_pods import InvalidStaticPodError, StaticPod, parse_static_pod, read_manifests


def pod(**container: Any) -> dict[str, Any]:
    """A static Pod with one container, as kubeadm shapes it."""
    return {"kind": "Pod", "metadata": {"name": "kube-apiserver"}, "spec": {"containers": [container]}}


def parsed(content: Any) -> StaticPod:
    """What a node makes of the content."""
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    return parse_static_pod(Path("kube-apiserver.yaml"), text.encode())


def test_command_arguments_and_environment_are_taken() -> None:
    """The process is command and args of the first container, with its environment."""
    manifest = pod(
        command=["kube-apiserver", "--a=1"], args=["--b=2"], env=[{"name": "HTTPS_PROXY", "value": "http://p"}]
    )
    found = parsed(manifest)
    assert found.name == "kube-apiserver"
    assert found.command == ("kube-apiserver", "--a=1", "--b=2")
    assert found.environment == {"HTTPS_PROXY": "http://p"}


@pytest.mark.parametrize(
    ("spec", "expected"), [({}, 30), ({"terminationGracePeriodSeconds": 5}, 5)], ids=["default", "own"]
)
def test_grace_period_is_the_pods_own(spec: dict[str, int], expected: int) -> None:
    """A static Pod gets the time to end that it asks for, half a minute by default."""
    manifest = pod(command=["etcd"])
    manifest["spec"].update(spec)
    assert parsed(manifest).grace_period == expected


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata: {na", "not readable as YAML"),
        ("", "not a static Pod"),
        ({"kind": "Deployment", "metadata": {"name": "x"}}, "kind is 'Deployment'"),
        ({"kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": []}}, "IndexError"),
        (pod(image="kube-apiserver"), "KeyError('command')"),
        ({**pod(command=["etcd"]), "metadata": {"name": "a:b"}}, "metadata.name is 'a:b'"),
    ],
    ids=["half-written", "empty", "another-kind", "no-container", "no-command", "bad-name"],
)
def test_what_is_not_a_static_pod_is_refused_with_its_path(content: Any, fault: str) -> None:
    """A file that cannot be run is named, with what is wrong."""
    with pytest.raises(InvalidStaticPodError) as caught:
        parsed(content)
    assert str(caught.value).startswith("kube-apiserver.yaml: ")
    assert fault in str(caught.value)


def test_every_file_but_dot_files_is_a_manifest(tmp_path: Path) -> None:
    """A kubelet reads backups and files of any ending, and leaves dot files alone."""
    for name in ("etcd.yaml", "etcd.yaml.bak", ".etcd.yaml.new"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert [path.name for path in read_manifests(tmp_path)] == ["etcd.yaml", "etcd.yaml.bak"]

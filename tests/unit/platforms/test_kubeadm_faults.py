"""A kubeadm that fails and files that cannot be used: one clear error each, and the way back still works."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_pod_security.platforms.configurations import ConfigurationFile
from pulumi_pod_security.platforms.files import read
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.kubeadm import Node, node_in, script


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A control-plane node with the plugin off."""
    return node_in(tmp_path)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param("echo 'bad field' >&2; exit 1", "kubeadm refused {config}: bad field", id="fails"),
        pytest.param(
            "printf 'W1 noise\\nthe reason\\nTo see the stack trace of this error execute with --v=5\\n' >&2; exit 3",
            "kubeadm refused {config}: the reason",
            id="fails-at-length",
        ),
        pytest.param("exit 1", "kubeadm refused {config}: no reason given", id="fails-silently"),
        pytest.param(
            "printf '\\377\\n' >&2; exit 1", "kubeadm refused {config}: \N{REPLACEMENT CHARACTER}", id="bytes"
        ),
        pytest.param(
            "exit 0",
            "{kubeadm} rendered no kube-apiserver.yaml; is it 1.22 or later? ask: {kubeadm} version",
            id="none",
        ),
    ],
)
def test_a_kubeadm_that_fails_is_one_error(node: Node, body: str, words: str) -> None:
    """Its last words are the reason, and nothing was changed."""
    before = node.contents()
    script(node.kubeadm, body)
    with pytest.raises(SwitchError) as error:
        node.switch().turn_on()
    assert str(error.value) == words.format(config=node.config, kubeadm=node.kubeadm)
    assert node.contents() == before


def test_a_kubeadm_of_another_version_is_refused(node: Node) -> None:
    """Turning a plugin on must not become an upgrade or a downgrade; nothing was changed."""
    before = node.contents()
    node.kubeadm.write_text(node.kubeadm.read_text().replace("v1.24.17", "v1.27.0"))
    with pytest.raises(SwitchError) as error:
        node.switch().turn_on()
    assert str(error.value) == (
        f"{node.kubeadm} renders the API server with image kube-apiserver:v1.27.0, and the node runs "
        "kube-apiserver:v1.24.17; give the kubeadm binary of the cluster's version, or set kubernetesVersion and "
        "imageRepository in the configuration"
    )
    assert node.contents() == before


@pytest.mark.parametrize(
    ("by_hand", "lost"),
    [
        pytest.param("    - --encryption-provider-config=/e\n", "--encryption-provider-config", id="flag"),
        pytest.param(
            "    - --enable-admission-plugins=AlwaysPullImages\n", "admission plugin AlwaysPullImages", id="plugin"
        ),
    ],
)
def test_what_was_set_on_the_node_alone_is_not_lost(node: Node, by_hand: str, lost: str) -> None:
    """A flag or plugin that the configuration has not would be gone with the manifest rendered anew: refused first."""
    node.manifest.write_text(node.manifest.read_text() + by_hand)
    before = node.contents()
    with pytest.raises(SwitchError) as error:
        node.switch().turn_on()
    assert str(error.value) == (
        f"the API server's manifest on this node has what {node.config} has not, and rendering it anew would lose: "
        f"{lost}; put it under apiServer.extraArgs there"
    )
    assert node.contents() == before


def test_a_token_that_kubeadm_quotes_is_not_shown(node: Node) -> None:
    """kubeadm repeats a malformed bootstrap token in its refusal."""
    script(
        node.kubeadm, """echo "the bootstrap token \\"abcdef.0123456789hunter2\\" was not of the form" >&2; exit 1"""
    )
    with pytest.raises(SwitchError, match='the bootstrap token "TOKEN" was not of the form') as error:
        node.switch().turn_on()
    assert "hunter2" not in str(error.value)


def test_a_kubeadm_that_is_missing_is_one_error(node: Node) -> None:
    """The path that was given is named, and what to give."""
    node.kubeadm.unlink()
    with pytest.raises(SwitchError) as error:
        node.switch().turn_on()
    assert str(error.value) == (f"kubeadm: '{node.kubeadm}' is not there; give the path of the node's kubeadm binary")


def test_a_kubeadm_that_is_no_program_is_one_error(node: Node) -> None:
    """A file that cannot be run is an error of ours."""
    node.kubeadm.unlink()
    node.kubeadm.mkdir()
    with pytest.raises(SwitchError, match=r"kubeadm could not render kube-apiserver\.yaml: \[Errno 13\]"):
        node.switch().turn_on()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(None, "cannot be read: No such file or directory", id="missing"),
        pytest.param(b"\xff", "cannot be read: it is not UTF-8 text", id="not-text"),
        pytest.param(b"kind: Pod\n", ": the kubeadm configuration holds no ClusterConfiguration", id="other-kind"),
    ],
)
def test_a_configuration_that_cannot_be_switched_is_refused(tmp_path: Path, data: bytes | None, words: str) -> None:
    """The path is named with what is wrong there."""
    path = tmp_path / "kubeadm.yaml"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(SwitchError) as error:
        ConfigurationFile(path).rehearse()
    assert str(error.value).startswith(str(path))
    assert words in str(error.value)


def test_a_manifest_that_is_missing_is_refused(tmp_path: Path) -> None:
    """The path is named."""
    with pytest.raises(SwitchError, match=r"kube-apiserver\.yaml cannot be read"):
        read(tmp_path / "kube-apiserver.yaml")

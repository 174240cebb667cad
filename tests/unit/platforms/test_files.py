"""Files replaced behind links, and what cannot be read or written."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.configurations import ConfigurationFile
from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.kubeadm import Node, node_in


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A control-plane node with the plugin off."""
    return node_in(tmp_path)


@pytest.mark.parametrize("text", ["a\r\nb\r\n", "\ufeffa\n", "a\rb", ""], ids=["crlf", "bom", "cr", "empty"])
def test_reads_and_writes_to_the_byte(tmp_path: Path, text: str) -> None:
    """No line end and no byte order mark is translated."""
    path = tmp_path / "file"
    replace(path, text)
    assert path.read_bytes() == text.encode()
    assert read(path) == text


@pytest.mark.parametrize("name", ["config", "manifest"])
def test_a_link_stays_a_link(node: Node, tmp_path: Path, name: str) -> None:
    """The file behind configuration or manifest changes and comes back; nothing is left beside either."""
    link: Path = getattr(node, name)
    behind = tmp_path / "elsewhere" / "file.yaml"
    behind.parent.mkdir()
    behind.write_bytes(link.read_bytes())
    link.unlink()
    link.symlink_to(Path("..", "elsewhere", "file.yaml") if name == "manifest" else behind)
    before, switch = behind.read_bytes(), node.switch()
    switch.turn_on()
    assert link.is_symlink()
    assert b"PodSecurityPolicy" in behind.read_bytes()
    switch.turn_off()
    assert link.is_symlink()
    assert behind.read_bytes() == before
    assert list(behind.parent.iterdir()) == [behind]


def test_a_link_to_a_link_stays_too(tmp_path: Path) -> None:
    """Only the file at the end of the chain is replaced."""
    (tmp_path / "file").write_text("old")
    (tmp_path / "second").symlink_to("file")
    (tmp_path / "first").symlink_to("second")
    replace(tmp_path / "first", "new")
    assert (tmp_path / "first").readlink() == Path("second")
    assert (tmp_path / "second").readlink() == Path("file")
    assert (tmp_path / "file").read_text() == "new"


def test_a_loop_of_links_is_one_error(node: Node) -> None:
    """A link that leads to itself cannot be read, and says so by its name."""
    loop = node.config.parent / "loop.yaml"
    loop.symlink_to(loop)
    with pytest.raises(SwitchError, match=r"loop\.yaml cannot be read: Too many levels of symbolic links"):
        ConfigurationFile(loop).change(with_plugin)


def test_a_folder_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    """The path is named."""
    path = tmp_path / "gone" / "file"
    with pytest.raises(SwitchError, match=r"gone/file cannot be written: No such file or directory"):
        replace(path, "text")

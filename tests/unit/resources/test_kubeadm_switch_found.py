"""The provider of `Found`: what was there before, saved once and never overwritten by what we did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.configurations import ConfigurationFile
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.resources.kubeadm_switch import FoundProvider
from tests.unit.support.inputs import failure, received
from tests.unit.support.kubeadm import CONFIG, Node, node_in
from tests.unit.support.servers import configured
from tests.unit.support.world import World, kubeconfig

PROVIDER = FoundProvider()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A control-plane node with the plugin off."""
    return node_in(tmp_path)


def inputs(node: Node, *, reachable: bool = True) -> dict[str, Any]:
    """The inputs of `Found`."""
    place = {"manifests": str(node.manifests), "kubeadm": str(node.kubeadm)} if reachable else {}
    return received({"config": str(node.config), **place})


def saved(node: Node) -> dict[str, Any]:
    """The outputs after the first update."""
    return PROVIDER.create(inputs(node)).outs or {}


def changes(node: Node, outs: dict[str, Any]) -> bool | None:
    """Whether the next update saves anew."""
    return PROVIDER.diff("found", outs, inputs(node)).changes


def test_saves_both_texts(node: Node) -> None:
    """They come back to the byte, beside the inputs."""
    result = PROVIDER.create(inputs(node))
    assert result.id == "found"
    assert result.outs == {
        **inputs(node),
        "config_text": CONFIG,
        "manifest_text": node.manifest.read_text(),
    }


def test_out_of_reach_only_the_configuration_is_saved(node: Node) -> None:
    """There is no manifest to put back."""
    outs = PROVIDER.create(inputs(node, reachable=False)).outs or {}
    assert (outs["config_text"], outs["manifest_text"]) == (CONFIG, None)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        pytest.param("config", "kubeadm.yaml cannot be read", id="no-configuration"),
        pytest.param("manifest", "kube-apiserver.yaml cannot be read", id="no-manifest"),
    ],
)
def test_what_could_not_be_switched_is_refused_in_the_preview(node: Node, broken: str, words: str) -> None:
    """Before anything depends on it."""
    getattr(node, broken).unlink()
    assert words in (failure(PROVIDER.check({}, inputs(node))) or "")


def test_a_configuration_that_disables_the_plugin_is_refused(node: Node) -> None:
    """The API server would not start with both."""
    node.config.write_text(CONFIG.replace("enable-", "disable-").replace("NodeRestriction", "PodSecurityPolicy"))
    words = failure(PROVIDER.check({}, inputs(node))) or ""
    assert words.startswith(f"{node.config}: apiServer.extraArgs.disable-admission-plugins lists 'PodSecurityPolicy'")


@pytest.mark.parametrize("reachable", [False, True])
def test_what_can_be_switched_passes(node: Node, world: World, reachable: bool) -> None:  # noqa: FBT001
    """The files are there and the plugin can be added; one address in the Endpoints is one API server."""
    configured(world)
    props = {**inputs(node, reachable=reachable), "kubeconfig": kubeconfig(world.address)}
    assert failure(PROVIDER.check({}, props)) is None


def test_one_of_several_nodes_is_refused(node: Node, world: World) -> None:
    """Its manifest would switch one API server, and the others would go on as they are."""
    world.servers = ("192.0.2.1", "192.0.2.2")
    props = {**inputs(node), "kubeconfig": kubeconfig(world.address)}
    assert "has 2 API servers (192.0.2.1, 192.0.2.2)" in (failure(PROVIDER.check({}, props)) or "")
    world.denied = {("get", "endpoints")}
    assert "\n  get endpoints\n" in (failure(PROVIDER.check({}, props)) or "")


def test_several_nodes_out_of_reach_are_no_matter(node: Node, world: World) -> None:
    """There a person makes each of them follow; only what they would follow is looked at."""
    configured(world)
    world.servers = ("192.0.2.1", "192.0.2.2")
    props = {**inputs(node, reachable=False), "kubeconfig": kubeconfig(world.address)}
    assert failure(PROVIDER.check({}, props)) is None
    assert world.asked("/api/v1/namespaces/default/endpoints/kubernetes") == []


def test_nothing_changed_saves_nothing(node: Node) -> None:
    """A second update leaves it alone."""
    assert changes(node, saved(node)) is False


def test_our_own_change_is_not_what_was_there(node: Node) -> None:
    """With the plugin on, both files differ from what was saved, and that must be kept."""
    outs, switch = saved(node), node.switch()
    switch.turn_on()
    assert changes(node, outs) is False
    switch.turn_off()
    assert changes(node, outs) is False


@pytest.mark.parametrize("moment", ["killed-while-turning-on", "killed-while-turning-off"])
def test_half_a_move_of_ours_is_not_what_was_there(node: Node, moment: str) -> None:
    """With the plugin in one of the two files a run was killed, and what was saved before must be kept."""
    outs, before = saved(node), node.found
    if moment == "killed-while-turning-on":
        ConfigurationFile(node.config).change(with_plugin)
    else:
        node.switch().turn_on()
        node.config.write_text(before.config)
    assert changes(node, outs) is False


@pytest.mark.parametrize("name", ["config", "manifest"])
def test_a_change_of_someone_else_is_what_must_be_put_back(node: Node, name: str) -> None:
    """While the plugin is off, the newest text of either file is the one to come back to."""
    outs = saved(node)
    path: Path = getattr(node, name)
    path.write_text(path.read_text() + "# agreed with ops\n")
    assert changes(node, outs) is True
    result = PROVIDER.update("found", outs, inputs(node))
    assert (result.outs or {})[f"{name}_text"] == path.read_text()


def test_another_place_is_saved_anew(node: Node, tmp_path: Path) -> None:
    """What was found in one file is not what is in another."""
    outs = saved(node)
    other = tmp_path / "other"
    other.mkdir()
    assert changes(node_in(other), outs) is True


def test_a_file_that_went_away_is_an_error(node: Node) -> None:
    """Nothing is saved in place of what cannot be read."""
    node.config.unlink()
    with pytest.raises(SwitchError, match=r"kubeadm\.yaml cannot be read"):
        PROVIDER.create(inputs(node))

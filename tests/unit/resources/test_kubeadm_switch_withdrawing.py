"""What is taken away while the plugin is on, and what a killed switch leaves for `Found` to put back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.resources.kubeadm_switch import FoundProvider, SwitchProvider
from tests.unit.support.inputs import inputs_of
from tests.unit.support.kubeadm import CONFIG, Node, node_in
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL
from tests.unit.support.servers import BOTH, ONE
from tests.unit.support.world import World

FOUND, SWITCH = FoundProvider(), SwitchProvider()
DEPLOYMENTS = "/apis/apps/v1/deployments"
PRIVILEGED_TO_ALL = {"policy": "privileged", "to": ["authenticated"]}


@pytest.fixture
def node(tmp_path: Path, world: World) -> Node:
    """A control-plane node whose API server follows its manifest, and a Deployment that `default` admits."""
    node = node_in(tmp_path)
    world.manifest = node.manifest
    world.put(presets.default(), presets.privileged())
    world.uses = {("system:authenticated", "default", None)}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    return node


def inputs(world: World, node: Node, **more: Any) -> dict[str, Any]:
    """The inputs of both resources, with what is there now as what was found."""
    place = {"config": str(node.config), "manifests": str(node.manifests), "kubeadm": str(node.kubeadm)}
    found = {"found_config": node.found.config, "found_manifest": node.found.manifest}
    rest = {"refused": [], "timeout_seconds": 5, **found, **more}
    return inputs_of(world, [presets.default()], [TO_ALL], **place, **rest)


def found_of(saved: dict[str, Any]) -> dict[str, Any]:
    """What the switch gets of what was recorded."""
    return {"found_config": saved["config_text"], "found_manifest": saved["manifest_text"]}


def test_destroy_after_a_killed_switch_turns_the_plugin_off(world: World, node: Node) -> None:
    """With no switch in the state, what was saved goes back before the policies do."""
    before = node.contents()
    saved = FOUND.create(inputs(world, node)).outs or {}
    SWITCH.create(inputs(world, node))
    assert world.enforces
    FOUND.delete("found", saved)
    assert not world.enforces
    assert node.contents() == before


@pytest.mark.parametrize("delete", [FOUND.delete, SWITCH.delete], ids=["found", "switch"])
def test_destroy_does_not_need_an_api_server_that_answers(world: World, node: Node, delete: Any) -> None:
    """It may be starting after a killed run, or stay away because of what was changed: the files go back first."""
    before = node.contents()
    saved = FOUND.create(inputs(world, node)).outs or {}
    SWITCH.create(inputs(world, node))
    world.away = 4
    delete("any", {**saved, **found_of(saved)})
    assert node.contents() == before
    assert not world.enforces


@pytest.mark.parametrize("delete", [FOUND.delete, SWITCH.delete], ids=["found", "switch"])
def test_another_cluster_that_answers_is_refused(world: World, node: Node, delete: Any) -> None:
    """Nothing is put back on the node of another one."""
    saved = FOUND.create(inputs(world, node)).outs or {}
    SWITCH.create(inputs(world, node))
    before = node.contents()
    with pytest.raises(PreflightRefused, match="another cluster"):
        delete("any", {**saved, **found_of(saved), "cluster_uid": "of-another"})
    assert node.contents() == before


@pytest.mark.usefixtures("node")
def test_out_of_reach_nothing_goes_back_while_no_cluster_answers(world: World) -> None:
    """Whose configuration it is cannot be told."""
    world.away = 1
    with pytest.raises(ClusterError):
        SWITCH.delete("any", {**inputs_of(world, [], []), "found_config": CONFIG, "timeout_seconds": 5})
    assert world.away == 0


def test_what_was_saved_without_the_plugin_is_never_saved_with_it(world: World, node: Node) -> None:
    """Moving the record while the plugin is on, as another checkout does, keeps what must be put back."""
    saved = FOUND.create(inputs(world, node)).outs or {}
    SWITCH.create(inputs(world, node))
    again = FOUND.update("found", saved, inputs(world, node)).outs or {}
    assert (again["config_text"], again["manifest_text"]) == (saved["config_text"], saved["manifest_text"])


def test_a_plugin_that_was_on_before_us_stays_on(world: World, node: Node) -> None:
    """What becomes of the policies under it is the matter of the baseline's guard."""
    node.config.write_text(with_plugin(CONFIG))
    node.switch().turn_on()
    saved = FOUND.create(inputs(world, node)).outs or {}
    FOUND.delete("found", saved)
    assert world.enforces


@pytest.mark.parametrize("before", ["manifest", "config", "both", "neither"])
def test_what_was_on_before_us_is_still_so_when_the_record_moves(world: World, node: Node, before: str) -> None:
    """Of either text, though others changed the configuration since: a flag set by hand is not taken for ours."""
    places = {"manifest": [node.manifest], "config": [node.config], "both": [node.config, node.manifest], "neither": []}
    for path in places[before]:
        path.write_text(path.read_text().replace(ONE, BOTH))
    saved = FOUND.create(inputs(world, node)).outs or {}
    SWITCH.create({**inputs(world, node), **found_of(saved)})
    node.config.write_text(node.config.read_text() + "clusterName: renamed\n")

    later = {**inputs(world, node), "timeout_seconds": 6.0}
    assert FOUND.diff("found", saved, later).changes
    again = FOUND.update("found", saved, later).outs or {}
    was_on = (BOTH in again["config_text"], BOTH in again["manifest_text"])
    assert was_on == (before in ("config", "both"), before in ("manifest", "both"))
    assert again["config_text"].endswith("clusterName: renamed\n")
    SWITCH.delete("enforcement", {**later, **found_of(again)})
    assert world.enforces == was_on[1]


def test_a_node_that_comes_within_reach_was_as_its_configuration(world: World, node: Node) -> None:
    """Of its manifest nothing was recorded: with the plugin on before us in the configuration it stays on."""
    for path in (node.config, node.manifest):
        path.write_text(path.read_text().replace(ONE, BOTH))
    props = inputs(world, node)
    saved = {**(FOUND.create(props).outs or {}), "manifests": None, "manifest_text": None}
    again = FOUND.update("found", saved, props).outs or {}
    assert BOTH in again["manifest_text"]


def test_a_withdrawn_grant_is_verified_by_the_next_update(world: World, node: Node) -> None:
    """While its binding is still there its effect is no surprise; it is one as soon as the binding should be gone."""
    world.uses.add(("system:authenticated", "privileged", None))
    before = inputs(world, node)
    wide = {**before, "grants": [*before["grants"], PRIVILEGED_TO_ALL]}
    olds = {**wide, "enforced": True, "leaving": []}
    outs = SWITCH.update("enforcement", olds, before).outs or {}
    assert outs["leaving"] == ["privileged"]
    assert SWITCH.diff("enforcement", outs, before).changes
    world.uses.remove(("system:authenticated", "privileged", None))
    settled = SWITCH.update("enforcement", outs, before).outs or {}
    assert settled["leaving"] == []
    assert not SWITCH.diff("enforcement", settled, before).changes


def test_flags_set_by_hand_are_not_lost(node: Node) -> None:
    """A manifest that has more than the configuration is not rendered anew, and nothing is changed."""
    text = node.manifest.read_text()
    line = next(line for line in text.splitlines() if "--enable-admission-plugins" in line)
    by_hand = line.replace(line.strip(), "- --encryption-provider-config=/etc/kubernetes/enc.yaml")
    node.manifest.write_text(text.replace(line, f"{line}\n{by_hand}"))
    before = node.contents()
    with pytest.raises(SwitchError, match="would lose: --encryption-provider-config"):
        node.switch().turn_on()
    assert node.contents() == before

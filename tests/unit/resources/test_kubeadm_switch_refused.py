"""What is refused before anything is changed, on an update: where the plugin is on, it stays on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import with_plugin
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.resources.kubeadm_switch import SwitchProvider
from tests.unit.support.inputs import failure, inputs_of
from tests.unit.support.kubeadm import CONFIG, Node, node_in
from tests.unit.support.plans import TO_ALL
from tests.unit.support.servers import BOTH, configured, show
from tests.unit.support.world import World

PROVIDER = SwitchProvider()
TO_JANE = {"policy": "default", "to": ["user:jane"]}
UPGRADED = {"major": "1", "minor": "24", "gitVersion": "v1.24.18"}


@pytest.fixture
def node(tmp_path: Path, world: World) -> Node:
    """A control-plane node."""
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    return node_in(tmp_path)


def inputs(world: World, **place: Any) -> dict[str, Any]:
    """The inputs of the switch at a place."""
    rest = {"refused": [], "timeout_seconds": 1, "found_config": CONFIG, **place}
    return inputs_of(world, [presets.default()], [TO_ALL], **rest)


def unchanged(world: World, node: Node, props: dict[str, Any], words: str) -> None:
    """Another grant is refused with these words, in the preview and in the update, and nothing is undone."""
    outs = {**props, "enforced": True, "leaving": []}
    later = {**props, "grants": [*props["grants"], TO_JANE]}
    before = node.contents()
    world.calls.clear()
    assert words in (failure(PROVIDER.check(props, later)) or "")
    with pytest.raises(SwitchError) as error:
        PROVIDER.update("enforcement", outs, later)
    assert words in str(error.value)
    assert "turning the plugin off" not in str(error.value)
    assert "was undone" not in str(error.value)
    assert node.contents() == before
    assert [call for call in world.calls if call.method == "PATCH" and "dryRun" not in call.query] == []


def test_a_cluster_that_was_upgraded_without_the_file(world: World, node: Node) -> None:
    """Nodes rendered from the file would be downgraded: the file has to follow first, and the plugin stays in it."""
    configured(world, with_plugin(CONFIG))
    show(world, cp1=BOTH, cp2=BOTH)
    world.enforcing = True
    node.config.write_text(with_plugin(CONFIG))
    world.version = UPGRADED
    words = f"{node.config}: kubernetesVersion: 'v1.24.17'; allowed: 'v1.24.18', which the API server runs"
    unchanged(world, node, inputs(world, config=str(node.config)), words)


def test_a_configmap_of_another_version(world: World, node: Node) -> None:
    """The same of the live one."""
    configured(world, with_plugin(CONFIG))
    show(world, cp1=BOTH)
    world.enforcing = True
    world.version = UPGRADED
    unchanged(world, node, inputs(world), "ConfigMap kube-system/kubeadm-config: kubernetesVersion: 'v1.24.17'")


@pytest.mark.parametrize("broken", ["image", "flag", "kubeadm"])
def test_a_node_that_could_not_be_rendered(world: World, node: Node, broken: str) -> None:
    """Enforced, then upgraded or changed by hand: its API server goes on with the plugin."""
    world.manifest = node.manifest
    found = node.found
    node.switch().turn_on()
    if broken == "image":
        node.manifest.write_text(node.manifest.read_text().replace("v1.24.17", "v1.24.18"))
    elif broken == "flag":
        node.manifest.write_text(node.manifest.read_text() + "    - --encryption-provider-config=/e\n")
    else:
        node.kubeadm.unlink()
    words = {
        "image": "renders the API server with image kube-apiserver:v1.24.17, and the node runs kube-apiserver:v1.24.18",
        "flag": "would lose: --encryption-provider-config",
        "kubeadm": f"kubeadm: '{node.kubeadm}' is not there",
    }
    place = {"config": str(node.config), "manifests": str(node.manifests), "kubeadm": str(node.kubeadm)}
    unchanged(world, node, inputs(world, **place, found_manifest=found.manifest), words[broken])
    assert world.enforces


def test_an_update_of_nothing_is_not_refused(world: World) -> None:
    """Nobody is held up for what would not be touched."""
    configured(world, with_plugin(CONFIG))
    world.version = UPGRADED
    props = inputs(world)
    assert failure(PROVIDER.check(props, dict(props))) is None
    assert failure(PROVIDER.check({}, props)) is None
    configured(world)
    assert "kubernetesVersion: 'v1.24.17'" in (failure(PROVIDER.check(props, dict(props))) or "")

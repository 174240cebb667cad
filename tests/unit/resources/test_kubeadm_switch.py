"""The provider of the switch: turned on and proven in one create, undone in it, finished by the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pulumi.output import Unknown

from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin
from pulumi_pod_security.platforms.switch import EnforcementUndone, SwitchError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.resources.kubeadm_switch import SwitchProvider
from tests.unit.support.inputs import inputs_of
from tests.unit.support.kubeadm import CONFIG, Node, node_in
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import TO_ALL
from tests.unit.support.servers import CONFIGMAP
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World

PROVIDER = SwitchProvider()
DEPLOYMENTS = "/apis/apps/v1/deployments"
PRIVILEGED = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
TO_JANE = {"policy": "default", "to": ["user:jane"]}
COMMAND = (
    "scp {} NODE:kubeadm.yaml && ssh NODE sudo kubeadm init phase upload-config kubeadm --config kubeadm.yaml && "
    "ssh NODE sudo kubeadm upgrade node phase control-plane"
)


@pytest.fixture
def node(tmp_path: Path, world: World) -> Node:
    """A control-plane node whose API server follows its manifest, with one Deployment that `default` admits."""
    node = node_in(tmp_path)
    world.manifest = node.manifest
    world.absent = {CONFIGMAP}
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    return node


def inputs(world: World, node: Node, *, reachable: bool = True, **more: Any) -> dict[str, Any]:
    """The inputs of the switch, with what is there now as what was found."""
    place = {"manifests": str(node.manifests), "kubeadm": str(node.kubeadm)} if reachable else {}
    found = {"found_config": node.found.config, "found_manifest": node.found.manifest if reachable else None}
    rest = {"refused": [], "timeout_seconds": 5, **found, **more}
    return inputs_of(world, [presets.default()], [TO_ALL], config=str(node.config), **place, **rest)


def enforced(props: dict[str, Any]) -> dict[str, Any]:
    """The outputs of a create that succeeds."""
    return PROVIDER.create(props).outs or {}


def refusing(world: World, *names: str) -> None:
    """Let Deployments run that `default` refuses."""
    world.lists[DEPLOYMENTS] = [owner(name, spec=pod_spec(containers=[PRIVILEGED])) for name in names]


def test_creating_turns_on_and_verifies(world: World, node: Node) -> None:
    """The outputs say what was proven, beside the inputs that a later delete needs."""
    props = inputs(world, node)
    result = PROVIDER.create(props)
    assert result.id == "enforcement"
    assert result.outs == {**props, "enforced": True, "command": "", "workloads": 1, "canaries": 4, "leaving": []}
    assert world.enforces


def test_deleting_restores_to_the_byte(world: World, node: Node) -> None:
    """Destroy puts back what was found, from the outputs alone."""
    before = node.contents()
    outs = enforced(inputs(world, node))
    assert node.contents() != before
    PROVIDER.delete("enforcement", outs)
    assert node.contents() == before
    assert not world.enforces


def test_a_surprise_undoes_it_within_the_create(world: World, node: Node) -> None:
    """A create that raises leaves nothing in state, so nothing may be left on the node either."""
    before = node.contents()
    refusing(world, "cart")
    with pytest.raises(EnforcementUndone, match="shop/Deployment/cart") as error:
        PROVIDER.create(inputs(world, node))
    assert node.contents() == before
    assert TOKEN not in told(error.value)


def test_a_run_that_was_killed_before_it_verified_is_finished(world: World, node: Node) -> None:
    """What was found is from before; the plugin is on already and only needs its proof."""
    props = inputs(world, node)
    node.switch().turn_on()
    assert enforced(props)["enforced"] is True
    PROVIDER.delete("enforcement", props)
    assert node.config.read_text() == CONFIG


def test_a_killed_run_excuses_nothing(world: World, node: Node) -> None:
    """What the plugin refuses since is this switch's doing, even if a later run recorded it as refused before."""
    props = inputs(world, node, refused=["shop/Deployment/cart"])
    node.switch().turn_on()
    refusing(world, "cart")
    with pytest.raises(EnforcementUndone, match="shop/Deployment/cart"):
        PROVIDER.create(props)


def test_where_the_plugin_was_on_before_us_its_refusals_are_no_surprise(world: World, node: Node) -> None:
    """What it refused before there was a baseline is not the baseline's doing."""
    node.switch().turn_on()
    refusing(world, "cart")
    assert enforced(inputs(world, node, refused=["shop/Deployment/cart"]))["enforced"] is True
    with pytest.raises(EnforcementUndone, match="the plugin was on before this update and stays on"):
        PROVIDER.create(inputs(world, node))
    assert world.enforces


def test_an_update_verifies_anew(world: World, node: Node) -> None:
    """What was refused before the change is no surprise; what is refused beyond it is, and undoes enforcement."""
    props = inputs(world, node)
    outs = enforced(props)
    refusing(world, "old")
    again = {**props, "refused": ["shop/Deployment/old"], "grants": [*props["grants"], TO_JANE]}
    assert (PROVIDER.update("enforcement", outs, again).outs or {})["enforced"] is True
    refusing(world, "old", "new")
    with pytest.raises(EnforcementUndone, match="shop/Deployment/new") as error:
        PROVIDER.update("enforcement", outs, again)
    assert "shop/Deployment/old" not in str(error.value)
    assert not world.enforces


def test_an_update_that_changes_no_baseline_excuses_what_is_refused_now(world: World, node: Node) -> None:
    """A workload that the plugin keeps out as it should must not turn enforcement off when a time-out changes."""
    props = inputs(world, node)
    outs = enforced(props)
    refusing(world, "rightly")
    assert (PROVIDER.update("enforcement", outs, {**props, "timeout_seconds": 6.0}).outs or {})["enforced"] is True
    assert world.enforces


def test_time_out_comes_as_a_float(world: World, node: Node) -> None:
    """Whole numbers arrive as floats; the message shows them as they were written."""
    world.manifest, world.enforcing = None, False
    with pytest.raises(EnforcementUndone, match="did not happen within 1 s"):
        PROVIDER.create(inputs(world, node, timeout_seconds=1))


def test_out_of_reach_the_first_update_only_writes_the_configuration(world: World, node: Node) -> None:
    """The command is an output, and enforcement is not claimed."""
    manifest = node.manifest.read_text()
    outs = enforced(inputs(world, node, reachable=False))
    assert (outs["enforced"], outs["command"]) == (False, COMMAND.format(node.config))
    assert enables_plugin(node.config.read_text())
    assert node.manifest.read_text() == manifest


@pytest.mark.parametrize("version", ["", "kubernetesVersion: v1.24.10\n", "kubernetesVersion: stable-1\n"])
def test_out_of_reach_another_version_is_refused(world: World, node: Node, version: str) -> None:
    """Nodes that are rendered from what is uploaded would be upgraded or downgraded; nothing is changed."""
    node.config.write_text(CONFIG.replace("kubernetesVersion: v1.24.17\n", version))
    before = node.contents()
    named = repr(version.partition(": ")[2].strip() or None)
    with pytest.raises(SwitchError) as error:
        PROVIDER.create(inputs(world, node, reachable=False))
    assert str(error.value) == (
        f"{node.config}: kubernetesVersion: {named}; allowed: 'v1.24.17', which the API server runs: "
        "nodes that are rendered from it would get another"
    )
    assert node.contents() == before


def test_out_of_reach_the_next_update_verifies(world: World, node: Node) -> None:
    """Once someone ran the command, the plugin is on and is proven."""
    props = inputs(world, node, reachable=False)
    outs = enforced(props)
    assert PROVIDER.diff("enforcement", outs, props).changes
    world.manifest, world.enforcing = None, True
    outs = PROVIDER.update("enforcement", outs, props).outs or {}
    assert (outs["enforced"], outs["command"], outs["workloads"]) == (True, "", 1)
    assert not PROVIDER.diff("enforcement", outs, props).changes


def test_out_of_reach_destroy_waits_for_a_person(world: World, node: Node) -> None:
    """While the nodes run the plugin, policies and grants must stay: the delete fails until they do not."""
    props = inputs(world, node, reachable=False)
    enforced(props)
    world.manifest, world.enforcing = None, True
    with pytest.raises(SwitchError, match="then again: pulumi destroy"):
        PROVIDER.delete("enforcement", props)
    assert node.config.read_text() == CONFIG
    world.enforcing = False
    PROVIDER.delete("enforcement", props)


def test_nothing_changed_is_no_update(world: World, node: Node) -> None:
    """A second update leaves the switch alone."""
    props = inputs(world, node)
    assert not PROVIDER.diff("enforcement", enforced(props), props).changes


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"policies": []}, id="policies"),
        pytest.param({"grants": []}, id="grants"),
        pytest.param({"kubeconfig": "/other"}, id="kubeconfig"),
        pytest.param({"context": "other"}, id="context"),
        pytest.param({"kubeadm": "/other"}, id="kubeadm"),
        pytest.param({"timeout_seconds": 6.0}, id="time-out"),
        pytest.param({"grants": Unknown()}, id="not-known-yet"),
    ],
)
def test_a_change_is_verified_anew(world: World, node: Node, change: dict[str, Any]) -> None:
    """What is enforced changed, or how the cluster is reached, which a later delete gets from here."""
    props = inputs(world, node)
    assert PROVIDER.diff("enforcement", enforced(props), {**props, **change}).changes


@pytest.mark.parametrize("name", ["config", "manifest"])
def test_a_plugin_that_someone_turned_off_is_turned_on_again(world: World, node: Node, name: str) -> None:
    """In either file: both are what the next restart of the API server comes from."""
    props = inputs(world, node)
    outs = enforced(props)
    path: Path = getattr(node, name)
    path.write_text(path.read_text().replace(",PodSecurityPolicy", ""))
    assert PROVIDER.diff("enforcement", outs, props).changes
    assert (PROVIDER.update("enforcement", outs, props).outs or {})["enforced"] is True
    assert not PROVIDER.diff("enforcement", outs, props).changes


def test_what_was_not_enforced_is_tried_again(world: World, node: Node) -> None:
    """Outputs that do not say so are those of a switch that is not done."""
    props = inputs(world, node)
    outs = enforced(props)
    assert PROVIDER.diff("enforcement", {**outs, "enforced": False}, props).changes

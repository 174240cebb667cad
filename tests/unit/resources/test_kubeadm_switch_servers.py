"""Several API servers and the live ConfigMap: on when all agree, off when none runs it, and half-way is said."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin, with_plugin
from pulumi_pod_security.platforms.switch import EnforcementUndone, SwitchError
from pulumi_pod_security.policy import presets
from pulumi_pod_security.resources.kubeadm_switch import FoundProvider, SwitchProvider
from tests.unit.support.inputs import failure, inputs_of
from tests.unit.support.kubeadm import CONFIG
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import TO_ALL
from tests.unit.support.servers import BOTH, CONFIGMAP, MIRRORS, ONE, configured, kept, show
from tests.unit.support.world import World

FOUND, SWITCH = FoundProvider(), SwitchProvider()
DEPLOYMENTS = "/apis/apps/v1/deployments"
PRIVILEGED = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
AGAIN = "sudo kubeadm upgrade node phase control-plane"


@pytest.fixture
def world(world: World) -> World:
    """Three API servers without the plugin, kubeadm's ConfigMap, and a Deployment that `default` admits."""
    configured(world)
    show(world, cp1=ONE, cp2=ONE, cp3=ONE)
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    return world


def run(world: World, *plugins: str) -> None:
    """Let the API servers run with these; a request meets one that has the plugin, if there is one."""
    show(world, cp1=plugins[0], cp2=plugins[1], cp3=plugins[2])
    world.enforcing = BOTH in plugins


def inputs(world: World, **more: Any) -> dict[str, Any]:
    """The inputs of `Found` and of the switch: no file is named."""
    rest = {"refused": [], "timeout_seconds": 1, "found_config": CONFIG, **more}
    return inputs_of(world, [presets.default()], [TO_ALL], **rest)


def created(world: World) -> dict[str, Any]:
    """The outputs of the first update."""
    return SWITCH.create(inputs(world)).outs or {}


def updated(world: World, outs: dict[str, Any]) -> dict[str, Any]:
    """The outputs of the next update, which there must be."""
    assert SWITCH.diff("enforcement", outs, inputs(world)).changes
    return SWITCH.update("enforcement", outs, inputs(world)).outs or {}


def ssh(*nodes: str) -> str:
    """What to run on these nodes."""
    return " && ".join(f"ssh {node} {AGAIN}" for node in nodes)


def test_the_first_update_changes_the_configmap_and_says_what_to_run(world: World) -> None:
    """On each node, by name; nothing is enforced yet."""
    outs = created(world)
    assert kept(world) == with_plugin(CONFIG)
    assert (outs["enforced"], outs["command"]) == (False, ssh("cp-1", "cp-2", "cp-3"))
    assert outs["standing"] == "0 of 3 API servers run the plugin; still without: cp-1, cp-2, cp-3"


@pytest.mark.parametrize("met", [True, False], ids=["met-one-with", "met-one-without"])
def test_half_way_is_not_on(world: World, met: bool) -> None:  # noqa: FBT001
    """Whichever API server a dry run meets, one of them is still without, and it is said which."""
    outs = created(world)
    run(world, BOTH, BOTH, ONE)
    world.enforcing = met
    outs = updated(world, outs)
    assert (outs["enforced"], outs["command"]) == (False, ssh("cp-3"))
    assert outs["standing"] == "2 of 3 API servers run the plugin; still without: cp-3"


def test_once_all_agree_it_is_verified(world: World) -> None:
    """And then there is nothing left to run and nothing to update."""
    outs = created(world)
    run(world, BOTH, BOTH, BOTH)
    outs = updated(world, outs)
    assert (outs["enforced"], outs["command"], outs["workloads"]) == (True, "", 1)
    assert outs.get("standing") is None
    assert not SWITCH.diff("enforcement", outs, inputs(world)).changes


def test_a_surprise_puts_the_configmap_back(world: World) -> None:
    """The nodes are left to a person, each by its name."""
    outs = created(world)
    run(world, BOTH, BOTH, BOTH)
    world.lists[DEPLOYMENTS] = [owner("cart", spec=pod_spec(containers=[PRIVILEGED]))]
    with pytest.raises(EnforcementUndone, match="shop/Deployment/cart") as error:
        SWITCH.update("enforcement", outs, inputs(world))
    assert str(error.value).endswith(f"turn the plugin off on the nodes with: {ssh('cp-1', 'cp-2', 'cp-3')}")
    assert kept(world) == CONFIG


@pytest.mark.parametrize("met", [True, False], ids=["met-one-with", "met-one-without"])
def test_destroy_waits_for_every_api_server(world: World, met: bool) -> None:  # noqa: FBT001
    """Policies and grants stay while any still enforces, also when a dry run meets another one."""
    created(world)
    for plugins, late in [((BOTH, BOTH, BOTH), ("cp-1", "cp-2", "cp-3")), ((ONE, ONE, BOTH), ("cp-3",))]:
        run(world, *plugins)
        world.enforcing = met
        with pytest.raises(SwitchError) as error:
            SWITCH.delete("enforcement", inputs(world))
        assert str(error.value) == (
            f"the configuration was put back, but {len(late)} of 3 API servers still run the plugin: "
            f"{', '.join(late)}; policies and grants stay until none does; run: {ssh(*late)}; "
            "then again: pulumi destroy"
        )
        assert kept(world) == CONFIG
    run(world, ONE, ONE, ONE)
    SWITCH.delete("enforcement", inputs(world))


def test_an_api_server_that_a_dry_run_met_is_not_off(world: World) -> None:
    """Its mirror pod may be older than it is."""
    created(world)
    world.enforcing = True
    with pytest.raises(SwitchError, match="0 of 3 API servers still run the plugin; policies"):
        SWITCH.delete("enforcement", inputs(world))


def test_an_api_server_that_nothing_tells_of_is_not_off(world: World) -> None:
    """Its address is all that is known, and it may enforce."""
    created(world)
    world.servers = (*world.servers, "10.0.0.9")
    with pytest.raises(SwitchError, match=r"0 of 4 API servers still .* without a mirror pod .* 10\.0\.0\.9;"):
        SWITCH.delete("enforcement", inputs(world))


@pytest.mark.parametrize("met", [True, False], ids=["met-one-with", "met-one-without"])
def test_without_mirror_pods_several_are_neither_on_nor_off(world: World, met: bool) -> None:  # noqa: FBT001
    """One dry run does not stand for all three: nothing counts as verified, and policies and grants stay."""
    outs = created(world)
    world.lists[MIRRORS] = []
    world.enforcing = met
    addresses = "10.0.0.1, 10.0.0.2, 10.0.0.3 (NODE stands for each control-plane node)"
    outs = updated(world, outs)
    assert (outs["enforced"], outs["command"]) == (False, ssh("NODE"))
    standing = "0 of 3 API servers {} the plugin; without a mirror pod that tells: " + addresses
    assert outs["standing"] == standing.format("run")
    with pytest.raises(SwitchError) as error:
        SWITCH.delete("enforcement", inputs(world))
    assert f"put back, but {standing.format('still run')}; policies and grants stay" in str(error.value)


def test_a_plugin_that_the_configmap_had_before_stays(world: World) -> None:
    """Nothing is changed and nobody is sent to the nodes."""
    configured(world, with_plugin(CONFIG))
    run(world, BOTH, BOTH, BOTH)
    props = inputs(world, found_config=with_plugin(CONFIG))
    assert (SWITCH.create(props).outs or {})["enforced"] is True
    SWITCH.delete("enforcement", props)
    assert enables_plugin(kept(world))
    assert [call for call in world.calls if call.method == "PATCH" and "dryRun" not in call.query] == []


def test_what_others_changed_meanwhile_stays(world: World) -> None:
    """Going back takes out the plugin alone."""
    created(world)
    configured(world, kept(world) + "clusterName: renamed\n")
    SWITCH.delete("enforcement", inputs(world))
    assert kept(world) == CONFIG + "clusterName: renamed\n"


def test_drift_in_the_configmap_is_mended(world: World) -> None:
    """The next node that is rendered from it would lose the plugin."""
    created(world)
    run(world, BOTH, BOTH, BOTH)
    outs = SWITCH.create(inputs(world)).outs or {}
    configured(world, CONFIG)
    assert updated(world, outs)["enforced"] is True
    assert kept(world) == with_plugin(CONFIG)


def test_found_saves_the_key_of_the_configmap(world: World) -> None:
    """To the byte; while the plugin is on it is not saved anew, and where it is off the newest counts."""
    outs = FOUND.create(inputs(world)).outs or {}
    assert (outs["config_text"], outs["manifest_text"]) == (CONFIG, None)
    assert FOUND.diff("found", outs, inputs(world)).changes is False
    created(world)
    assert FOUND.diff("found", outs, inputs(world)).changes is False
    configured(world, CONFIG + "# agreed with ops\n")
    assert FOUND.diff("found", outs, inputs(world)).changes is True


def test_found_puts_back_what_a_killed_switch_left(world: World) -> None:
    """With no switch in the state, and only when no API server runs the plugin any more."""
    outs = FOUND.create(inputs(world)).outs or {}
    created(world)
    run(world, BOTH, ONE, ONE)
    with pytest.raises(SwitchError, match="1 of 3 API servers still run the plugin: cp-1"):
        FOUND.delete("found", outs)
    assert kept(world) == CONFIG
    run(world, ONE, ONE, ONE)
    FOUND.delete("found", outs)


def test_the_preview_refuses_what_could_not_be_switched(world: World) -> None:
    """A dry run of the patch is all that is sent, and a cluster without the ConfigMap is one sentence."""
    assert failure(FOUND.check({}, inputs(world))) is None
    assert [call.query for call in world.calls if call.method == "PATCH"] == [{"dryRun": "All"}]
    assert kept(world) == CONFIG
    del world.objects[CONFIGMAP]
    world.absent = {CONFIGMAP}
    assert "there is no ConfigMap kube-system/kubeadm-config" in (failure(FOUND.check({}, inputs(world))) or "")

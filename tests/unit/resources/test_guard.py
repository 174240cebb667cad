"""The provider of a baseline's guard: what it asks where the plugin is on, and what it lets go."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.output import Unknown

from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.resources.guard import GuardProvider
from tests.unit.support.inputs import failure, inputs_of
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL, TO_NODES, in_force, planned
from tests.unit.support.world import World

PROVIDER = GuardProvider()
POLICIES = (presets.privileged(), presets.default())


def inputs(world: World, *grants: Grant) -> dict[str, Any]:
    """The inputs of a guard whose objects all exist."""
    return inputs_of(world, POLICIES, grants or (TO_ALL, TO_NODES), ids={})


@pytest.fixture(params=[False, True], ids=["off", "on"])
def plugin(request: pytest.FixtureRequest, world: World) -> World:
    """A cluster with a baseline and a Deployment that lives on it, with the plugin off and on."""
    in_force(world, planned(TO_ALL, TO_NODES))
    world.lists["/apis/apps/v1/deployments"] = [owner("cart")]
    world.enforcing = request.param
    return world


def test_what_stands_passes(plugin: World) -> None:
    """Nothing is taken away."""
    assert failure(PROVIDER.check(inputs(plugin), inputs(plugin))) is None


def test_under_the_plugin_no_last_policy_is_taken(plugin: World) -> None:
    """A withdrawn grant is refused by name while it is still there; with the plugin off it is nobody's matter."""
    words = failure(PROVIDER.check(inputs(plugin), inputs(plugin, TO_NODES)))
    assert ("shop/Deployment/cart" in (words or "")) is plugin.enforcing


def test_an_update_is_proven_when_it_was_made(plugin: World) -> None:
    """What was changed must be in force before anything is deleted."""
    plugin.take("default")
    plugin.put(presets.example())
    plugin.uses.add(("system:authenticated", "example", None))
    if plugin.enforcing:
        with pytest.raises(PreflightRefused, match="policy default is not on the server"):
            PROVIDER.update("guard", inputs(plugin), inputs(plugin))
    else:
        assert PROVIDER.update("guard", inputs(plugin), inputs(plugin)).outs == inputs(plugin)


def test_under_the_plugin_a_baseline_in_use_does_not_go(plugin: World) -> None:
    """Destroyed, or replaced by one of another name: the message says both ways out."""
    if not plugin.enforcing:
        PROVIDER.delete("guard", inputs(plugin))
        return
    with pytest.raises(PreflightRefused) as refused:
        PROVIDER.delete("guard", inputs(plugin))
    assert "so policies and grants stay; if the baseline got another name" in str(refused.value)
    assert "give it a policy outside of this stack, or turn the plugin off" in str(refused.value)


def test_a_baseline_that_nothing_needs_goes(plugin: World) -> None:
    """Others' policies count."""
    plugin.put(presets.example())
    plugin.uses.add(("system:authenticated", "example", None))
    PROVIDER.delete("guard", inputs(plugin))


@pytest.mark.parametrize("enforcement", ["cel", "psa"])
def test_where_there_is_no_plugin_nothing_is_asked_of_it(world: World, enforcement: str) -> None:
    """A server of 1.25 or later: neither a dry run nor a policy, whatever would refuse those; and it goes."""
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    world.absent = {"/apis/policy/v1beta1/podsecuritypolicies"}
    world.denied = {("list", "podsecuritypolicies")}
    props = {**inputs(world), "enforcement": enforcement}
    assert failure(PROVIDER.check(inputs(world), props)) is None
    assert PROVIDER.update("guard", inputs(world), props).outs == props
    PROVIDER.delete("guard", props)
    # As recorded before the server was upgraded.
    PROVIDER.delete("guard", inputs(world))
    assert [call.path for call in world.calls if call.path.endswith(("/pods", "/podsecuritypolicies"))] == []


def test_under_a_plugin_others_policies_of_our_names_count(plugin: World) -> None:
    """What holds pods to our policies was not the plugin, so the policies there are not ours and stay."""
    PROVIDER.delete("guard", {**inputs(plugin), "enforcement": "psa", "grants": []})


def test_the_rights_it_needs_are_named(world: World) -> None:
    """Whether the plugin is on is asked by dry runs, which not everybody may send."""
    world.denied = {("impersonate", "users")}
    assert "\n  impersonate users\n" in (failure(PROVIDER.check({}, inputs(world))) or "")


def test_a_cluster_that_does_not_exist_yet_is_not_asked(world: World) -> None:
    """Its kubeconfig is not known in the preview."""
    assert failure(PROVIDER.check({}, {**inputs(world), "kubeconfig": Unknown()})) is None
    assert world.calls == []


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        ({"policies": []}, True),
        ({"grants": []}, True),
        ({"kubeconfig": "/b"}, True),
        ({"enforcement": "cel"}, True),
        ({"ids": {"a": "b"}}, False),
    ],
    ids=["policies", "grants", "kubeconfig", "enforcement", "ids"],
)
def test_what_delete_needs_is_recorded(world: World, change: dict[str, Any], changes: bool) -> None:  # noqa: FBT001
    """It gets nothing but what the last update recorded."""
    props = inputs(world)
    assert PROVIDER.diff("guard", props, {**props, **change}).changes is changes

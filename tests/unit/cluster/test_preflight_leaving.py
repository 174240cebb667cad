"""Policies that go with this update, or with the whole stack, and what still needs them."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.preflight import preflight, require_independent
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL, in_force, planned
from tests.unit.support.world import World

DEPLOYMENTS = "/apis/apps/v1/deployments"


def test_a_policy_that_goes_no_longer_counts(world: World) -> None:
    """A policy that the baseline stops declaring is deleted at the end of the update, whoever may use it."""
    world.put(presets.default(), presets.privileged())
    world.uses = {("system:serviceaccounts:shop", "default", None)}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), Plan(policies={}, grants=()))
    with pytest.raises(PreflightRefused, match="shop/Deployment/cart") as refused:
        preflight(world.cluster(), Plan(policies={}, grants=(), removed=frozenset({"default"})))
    assert "may use none of: privileged\n" in str(refused.value)


def test_a_baseline_under_a_plugin_that_stays_goes_only_when_nothing_needs_it(world: World) -> None:
    """Whatever it grants and declares is taken as gone; only policies of others count."""
    in_force(world, planned(TO_ALL, policies=[presets.default()]))
    world.lists[DEPLOYMENTS] = [owner("cart")]
    with pytest.raises(PreflightRefused, match="1 of 1 workloads would not be admitted") as refused:
        require_independent(world.cluster(), ["default"], [TO_ALL])
    assert str(refused.value).endswith("\n    give it a policy outside of this stack, or turn the plugin off")
    world.put(presets.example())
    world.uses.add(("system:serviceaccounts", "example", None))
    require_independent(world.cluster(), ["default"], [TO_ALL])

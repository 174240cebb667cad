"""The provider of Preflight: what is pending, what is withdrawn, and when it proves again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from pulumi.output import Unknown
from pulumi.runtime.rpc import UNKNOWN

from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, group, nodes, service_account
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.resources.plan import plan_of
from pulumi_pod_security.resources.preflight import PreflightProvider
from tests.unit.support.inputs import failure, inputs_of
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL, TO_NODES, in_force, planned
from tests.unit.support.world import World

PROVIDER = PreflightProvider()
POLICIES = (presets.privileged(), presets.default())
IDS = {
    "PodSecurityPolicy/privileged": "privileged",
    "PodSecurityPolicy/default": "default",
    "ClusterRoleBinding/default-psp": "default-psp",
    "RoleBinding/kube-system/privileged-psp-nodes": "kube-system/privileged-psp-nodes",
}
CHANGED = dataclasses.replace(presets.default(), spec=dataclasses.replace(presets.default().spec, host_network=True))


def inputs(
    world: World, *grants: Grant, policies: Sequence[PodSecurityPolicy] = POLICIES, ids: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The inputs of a preflight; everything exists unless told otherwise."""
    return inputs_of(world, policies, grants or (TO_ALL, TO_NODES), ids=IDS if ids is None else ids)


def test_passes_when_everything_is_in_force(world: World) -> None:
    """Nothing is pending, nothing missing."""
    in_force(world, planned(TO_ALL, TO_NODES))
    props = inputs(world)
    assert failure(PROVIDER.check(props, props)) is None


def test_refuses_in_the_words_of_preflight(world: World) -> None:
    """What preflight says is the failure of the check."""
    props = inputs(world)
    words = failure(PROVIDER.check(props, props)) or ""
    assert words.startswith("what the baseline declares is not in force; enforcement was not touched\n")


def test_after_1_25_policies_need_not_be_there(world: World) -> None:
    """A baseline that was of psp at the last update, on the server as it is since: no policy is asked for."""
    in_force(world, planned(TO_ALL, TO_NODES))
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    world.absent = {"/apis/policy/v1beta1/podsecuritypolicies"}
    ids = {name: id_ for name, id_ in IDS.items() if not name.startswith("PodSecurityPolicy/")}
    news = {**inputs(world, ids=ids), "enforcement": "cel"}
    assert failure(PROVIDER.check(inputs(world), news)) is None
    assert "PodSecurityPolicy was removed in 1.25" in (failure(PROVIDER.check(inputs(world), inputs(world))) or "")


def test_a_kubeconfig_that_is_not_known_yet_is_not_asked(world: World) -> None:
    """Nothing can be proven about a cluster that does not exist."""
    assert failure(PROVIDER.check({}, {**inputs(world), "kubeconfig": Unknown()})) is None
    assert world.calls == []


@pytest.mark.parametrize("marker", [Unknown(), UNKNOWN], ids=["object", "text"])
def test_what_has_no_id_yet_is_about_to_be_created(world: World, marker: object) -> None:
    """In the preview of a first update nothing is there, and that is no fault."""
    world.lists["/apis/apps/v1/deployments"] = [owner("cart")]
    props = inputs(world, ids=dict.fromkeys(IDS, marker))
    plan = plan_of({}, props)
    assert plan.pending == plan.created == frozenset(IDS)
    assert failure(PROVIDER.check({}, props)) is None


def test_what_has_an_id_must_be_there(world: World) -> None:
    """After its creation absence means that someone removed it, in the first update too."""
    assert plan_of({}, inputs(world)).pending == frozenset()
    assert "policy default is not on the server" in (failure(PROVIDER.check({}, inputs(world))) or "")


def test_a_policy_that_this_update_changes_is_pending(world: World) -> None:
    """The server has the old one until then."""
    in_force(world, planned(TO_ALL, TO_NODES))
    news = inputs(world, policies=(presets.privileged(), CHANGED))
    plan = plan_of(inputs(world), news)
    assert plan.pending == {"PodSecurityPolicy/default"}
    assert plan.created == frozenset()
    assert failure(PROVIDER.check(inputs(world), news)) is None


def test_a_grant_that_this_update_changes_is_pending(world: World) -> None:
    """A subject added to a grant has no right yet, though the binding has its id."""
    before = Grant(policy="default", namespace="shop", subjects=[service_account("cart")])
    after = Grant(policy="default", namespace="shop", subjects=[service_account("cart"), service_account("till")])
    in_force(world, planned(before))
    ids = {**IDS, "RoleBinding/shop/default-psp-cart:shop": "shop/default-psp-cart:shop"}
    olds, news = inputs(world, before, ids=ids), inputs(world, after, ids=ids)
    assert plan_of(olds, news).pending == {"RoleBinding/shop/default-psp-cart:shop"}
    assert failure(PROVIDER.check(olds, news)) is None
    with pytest.raises(PreflightRefused, match="ServiceAccount shop/till may not use policy default"):
        PROVIDER.update("preflight", olds, news)
    in_force(world, planned(after))
    assert PROVIDER.update("preflight", olds, news).outs == news


def test_a_grant_that_stays_is_not_pending(world: World) -> None:
    """A binding deleted behind our back shows although another grant changes."""
    in_force(world, planned(TO_ALL, TO_NODES))
    world.uses = {("system:authenticated", "default", None)}
    more = Grant(policy="default", namespace="shop", subjects=[group("team")])
    news = inputs(world, TO_ALL, TO_NODES, more, ids={**IDS, "RoleBinding/shop/default-psp-group:team": Unknown()})
    words = failure(PROVIDER.check(inputs(world), news)) or ""
    assert "Group system:nodes may not use policy privileged" in words
    assert "team" not in words


def test_a_grant_that_is_gone_is_withdrawn(world: World) -> None:
    """Its binding is still there during the check, and what lives on it is named."""
    in_force(world, planned(TO_ALL, TO_NODES))
    world.lists["/apis/apps/v1/deployments"] = [owner("cart")]
    news = inputs(world, TO_NODES)
    assert plan_of(inputs(world), news).withdrawn == (TO_ALL,)
    assert "shop/Deployment/cart" in (failure(PROVIDER.check(inputs(world), news)) or "")
    assert failure(PROVIDER.check(inputs(world), inputs(world))) is None


def test_a_first_update_withdraws_nothing(world: World) -> None:
    """There were no grants before."""
    assert plan_of({}, inputs(world)).withdrawn == ()


@pytest.mark.parametrize(
    ("change", "changes"),
    [
        pytest.param({"policies": []}, True, id="policies"),
        pytest.param({"grants": []}, True, id="grants"),
        pytest.param({"ids": {"PodSecurityPolicy/default": Unknown()}}, False, id="ids"),
        pytest.param({"kubeconfig": "/other"}, True, id="kubeconfig"),
        pytest.param({"context": "other"}, True, id="context"),
    ],
)
def test_a_changed_baseline_or_server_is_proven_again(world: World, change: dict[str, Any], changes: bool) -> None:  # noqa: FBT001
    """Ids were proven by the check, which runs every time."""
    props = inputs(world)
    assert PROVIDER.diff("preflight", props, {**props, **change}).changes is changes


def test_what_had_an_id_and_has_none_is_replaced(world: World) -> None:
    """Pulumi made it a resource of another name, or it was deleted by hand; the server knows which."""
    in_force(world, planned(TO_ALL, TO_NODES))
    news = inputs(world, ids={**IDS, "PodSecurityPolicy/default": Unknown()})
    assert plan_of(inputs(world), news).replaced == {"PodSecurityPolicy/default"}
    assert plan_of({}, news).replaced == frozenset()
    assert "PodSecurityPolicy/default would be deleted" in (failure(PROVIDER.check(inputs(world), news)) or "")


def test_creating_asks_nothing_more(world: World) -> None:
    """The check of the same update saw what exists now."""
    props = inputs(world)
    result = PROVIDER.create(props)
    assert (result.id, result.outs, world.calls) == ("preflight", props, [])


def test_an_update_proves_what_was_pending(world: World) -> None:
    """A changed policy that did not arrive is a failure of the update."""
    in_force(world, planned(TO_ALL, TO_NODES))
    news = inputs(world, policies=(presets.privileged(), CHANGED))
    with pytest.raises(PreflightRefused, match="policy default on the server differs from the declared one"):
        PROVIDER.update("preflight", inputs(world), news)


def test_grants_to_nodes_survive_the_way(world: World) -> None:
    """What is compared with the last update is read back from both."""
    plan = plan_of(inputs(world), inputs(world))
    assert plan.grants == (TO_ALL, TO_NODES)
    assert plan.grants[1].subjects == (nodes(),)


def test_what_leaves_is_in_the_plan(world: World) -> None:
    """A provider's defaults; there are none on most platforms, nor in a state that was made before them."""
    assert plan_of({}, {**inputs(world), "leaving": ["ClusterRoleBinding/all"]}).leaving == {"ClusterRoleBinding/all"}
    assert plan_of({}, inputs(world)).leaving == frozenset()

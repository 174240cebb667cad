"""Workloads that would not be admitted, why, and the grant that mends each."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from ruamel.yaml import YAML

from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.preflight import preflight
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.config import grant_from_config
from pulumi_pod_security.policy.grants import Grant, authenticated, group, service_accounts
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.support.objects import mirror_pod, owner, pod_spec
from tests.unit.support.plans import TO_ALL, TO_NODES, in_force, planned, refusal
from tests.unit.support.world import World

DEPLOYMENTS = "/apis/apps/v1/deployments"


def stranded(world: World) -> Plan:
    """A cluster whose `shop` runs as an account that may use nothing."""
    plan = planned(TO_NODES)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart", replicas=0, spec=pod_spec(serviceAccountName="cart"))]
    return plan


def test_a_stranded_workload_is_named_with_everything(world: World) -> None:
    """Namespace, kind, name, replicas, account and creator are there, what it may not use, and a grant."""
    assert refusal(world, stranded(world)) == (
        "1 of 1 workloads would not be admitted; enforcement was not touched\n"
        "  shop/Deployment/cart (0 replicas, service account shop:cart, "
        "created by system:serviceaccount:kube-system:replicaset-controller)\n"
        "    may use none of: default, privileged\n"
        '    grant one:  - {policy: default, namespace: shop, to: ["serviceaccount:cart"]}\n'
        '    in Python:  ps.Grant(policy="default", namespace="shop", subjects=[ps.service_account("cart")])'
    )


def mend(world: World, plan: Plan) -> Grant:
    """The grant that the refusal proposes, read as stack configuration is."""
    line = refusal(world, plan).rpartition("grant one:")[2].partition("\n")[0]
    (written,) = YAML(typ="safe").load(line)
    return grant_from_config(written)


@pytest.mark.parametrize("namespace", ["shop", "007", "1e3", "true", "null", "no", "a-1"])
def test_the_proposed_grant_mends_it(world: World, namespace: str) -> None:
    """The line, pasted into the configuration, is the grant that was missing, whatever the namespace is called."""
    plan = planned(TO_NODES)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart", namespace, spec=pod_spec(serviceAccountName="cart"))]
    grant = mend(world, plan)
    mended = planned(TO_NODES, grant)
    in_force(world, mended)
    preflight(world.cluster(), mended)
    assert (grant.namespace, grant.policy) == (namespace, "default")


def test_the_proposed_grant_mends_a_mirror_pod(world: World) -> None:
    """A static Pod has no account, so its node is proposed."""
    plan = planned(TO_ALL, policies=[presets.default()])
    in_force(world, plan)
    world.uses = {("system:authenticated", "default", None)}
    world.lists["/api/v1/pods"] = [mirror_pod("kube-apiserver")]
    world.uses = {("system:authenticated", "default", "shop")}
    plan = planned(policies=[presets.default()])
    assert "kube-system/Pod/kube-apiserver-cp (no service account, created by system:node:cp)" in refusal(world, plan)
    mended = planned(mend(world, plan), policies=[presets.default()])
    in_force(world, mended)
    preflight(world.cluster(), mended)


def test_without_any_policy_the_message_says_so(world: World) -> None:
    """Nothing is proposed by name where there is nothing."""
    world.lists[DEPLOYMENTS] = [owner("cart")]
    words = refusal(world, Plan(policies={}, grants=()))
    assert "may use none of: no policy at all" in words
    assert "{policy: POLICY, namespace: shop" in words


def test_stranded_workloads_are_counted(world: World) -> None:
    """The heading says how many of how many."""
    plan = planned(Grant(policy="default", subjects=[service_accounts()], namespace="ops"))
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("a"), owner("b"), owner("c", "ops")]
    assert refusal(world, plan).startswith("2 of 3 workloads would not be admitted; enforcement was not touched\n")


@pytest.mark.parametrize(
    "who",
    [
        pytest.param("system:serviceaccounts:shop", id="account"),
        pytest.param("system:serviceaccounts:kube-system", id="creator"),
        pytest.param("system:authenticated", id="creator-who-logged-in"),
    ],
)
def test_account_or_creator_is_enough(world: World, who: str) -> None:
    """Whoever of the two has the right brings it to the pod, as in the plugin."""
    plan = planned(Grant(policy="default", subjects=[group(who)]))
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), plan)


def test_being_authenticated_does_not_help_an_account_alone(world: World) -> None:
    """A mirror pod's node logged in; an account made up by the plugin did not, and only its creator has the group."""
    plan = planned(Grant(policy="default", subjects=[authenticated()], namespace="kube-system"))
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart")]
    assert "1 of 1 workloads" in refusal(world, plan)


def test_a_policy_of_someone_else_counts(world: World) -> None:
    """What the cluster had before the baseline still lets pods in."""
    world.put(dataclasses.replace(presets.default(), name="theirs"))
    world.uses = {("system:serviceaccounts:shop", "theirs", None)}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), Plan(policies={}, grants=()))


def test_what_the_baseline_grants_is_asked_about_first(world: World) -> None:
    """On a server with many policies of others, a workload that lives by the baseline costs few questions."""
    world.put(*(dataclasses.replace(presets.default(), name=f"a-{number}") for number in range(50)))
    plan = planned(TO_ALL)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), plan)
    assert len(world.asked("/apis/authorization.k8s.io/v1/subjectaccessreviews")) < 10


def test_a_withdrawn_grant_no_longer_counts(world: World) -> None:
    """Its binding is still on the server and goes at the end of the update."""
    plan = planned(TO_NODES, withdrawn=(TO_ALL,))
    in_force(world, planned(TO_NODES, TO_ALL))
    world.lists[DEPLOYMENTS] = [owner("cart")]
    assert "shop/Deployment/cart" in refusal(world, plan)


def test_a_grant_narrowed_to_where_it_is_needed_still_counts(world: World) -> None:
    """The same right of the same subject, withdrawn everywhere and granted in the namespace."""
    narrowed = Grant(policy="default", subjects=[authenticated()], namespace="shop")
    plan = planned(narrowed, withdrawn=(TO_ALL,))
    in_force(world, planned(narrowed, TO_ALL))
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), plan)


def test_a_grant_given_another_way_still_counts(world: World) -> None:
    """Withdrawn and granted anew by another grant, the right stays."""
    instead = Grant(policy="default", subjects=[group("system:serviceaccounts")])
    plan = planned(instead, withdrawn=(TO_ALL,))
    in_force(world, planned(instead, TO_ALL))
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), plan)


def privileged_pod() -> dict[str, Any]:
    """The spec of a pod that `default` does not admit."""
    return pod_spec(containers=[{"name": "app", "image": "app", "securityContext": {"privileged": True}}])


def test_a_workload_that_its_policies_refuse_is_told_with_their_reasons(world: World) -> None:
    """In the plugin's own words, policy by policy."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart", spec=privileged_pod())]
    assert (
        "\n    default: spec.containers[0].securityContext.privileged: Invalid value: true: "
        "Privileged containers are not allowed\n"
    ) in refusal(world, plan)


def test_what_the_plugin_refuses_already_is_not_this_updates_doing(world: World) -> None:
    """Under enforcement a refused workload stops nobody's update; before the switch it does."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart", spec=privileged_pod())]
    assert "shop/Deployment/cart" in refusal(world, plan)
    world.enforcing = True
    preflight(world.cluster(), plan)


def test_a_tightened_policy_is_judged_as_it_will_be(world: World) -> None:
    """The server has the old one, under which the plugin admits the workload."""
    in_force(world, planned(TO_ALL, policies=[loose()]))
    world.lists[DEPLOYMENTS] = [owner("cart", spec=privileged_pod())]
    world.enforcing = True
    plan = planned(TO_ALL, policies=[presets.default()], pending=frozenset({"PodSecurityPolicy/default"}))
    assert "default: spec.containers[0].securityContext.privileged" in refusal(world, plan)


def loose() -> PodSecurityPolicy:
    """The policy `default`, with privileged containers allowed."""
    policy = presets.default()
    return dataclasses.replace(policy, spec=dataclasses.replace(policy.spec, privileged=True))


def test_an_account_without_a_token_needs_no_volume_for_it(world: World) -> None:
    """A policy without volumes admits its pods, and no others."""
    spec = dataclasses.replace(presets.default().spec, volumes=None)
    plan = planned(TO_ALL, policies=[dataclasses.replace(presets.default(), spec=spec)])
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart")]
    assert "projected volumes are not allowed to be used" in refusal(world, plan)
    account = {"metadata": {"namespace": "shop", "name": "default"}, "automountServiceAccountToken": False}
    world.lists["/api/v1/serviceaccounts"] = [account]
    preflight(world.cluster(), plan)

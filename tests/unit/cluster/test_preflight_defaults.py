"""A provider's defaults that are about to go: what only they let in is refused while they are still there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.preflight import preflight
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated, service_accounts
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import planned, refusal
from tests.unit.support.provider import TRIO, ProviderWorld, provided, role_binding, trio

DEPLOYMENTS = "/apis/apps/v1/deployments"
PRIVILEGED = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
TO_SHOP = Grant(policy="default", subjects=[service_accounts()], namespace="shop")


@pytest.fixture
def cloud() -> Iterator[ProviderWorld]:
    """A cluster with the defaults, the policy `default`, and two Deployments, one of them privileged."""
    with provided(ProviderWorld(enforcing=True)) as world:
        world.make(*trio())
        world.put(presets.default())
        agent = pod_spec(containers=[PRIVILEGED])
        world.lists[DEPLOYMENTS] = [owner("cart"), owner("agent", spec=agent)]
        yield world


def leaving(*grants: Grant) -> Plan:
    """A plan after which the defaults are gone."""
    return planned(*grants, policies=[presets.default()], leaving=frozenset(TRIO))


def test_judged_as_if_they_were_gone(cloud: ProviderWorld) -> None:
    """Both run now; one of them may use nothing else, the other nothing that admits it."""
    words = refusal(cloud, leaving())
    assert words.startswith("2 of 2 workloads would not be admitted; enforcement was not touched\n")
    assert "may use none of: default\n" in words
    cloud.uses = {("system:serviceaccounts:shop", "default", "shop")}
    words = refusal(cloud, leaving(TO_SHOP))
    assert words.startswith("1 of 2 workloads")
    assert "shop/Deployment/agent" in words
    assert "default: spec.containers[0].securityContext.privileged" in words


def test_without_them_leaving_they_count(cloud: ProviderWorld) -> None:
    """The guard of a baseline asks so, until they are gone."""
    preflight(cloud.cluster(), planned(policies=[presets.default()]))


def test_a_policy_that_stays_does_not_count_for_those_who_lose_it(cloud: ProviderWorld) -> None:
    """Where only a binding goes, as on Mirantis Kubernetes Engine, the policy is still there for others."""
    cloud.unmake(*TRIO)
    binding = role_binding("ucp:all:privileged-psp-role", "everything", "system:authenticated")
    cloud.put(presets.privileged())
    cloud.make(binding)
    cloud.lists["/apis/rbac.authorization.k8s.io/v1/clusterroles"] = [
        {"metadata": {"name": "everything"}, "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    ]
    going = frozenset({"ClusterRoleBinding/ucp:all:privileged-psp-role"})
    words = refusal(cloud, planned(policies=[presets.default()], leaving=going))
    assert words.startswith("2 of 2 workloads")
    cloud.make(role_binding("mine", "everything", "system:serviceaccounts:shop"))
    preflight(cloud.cluster(), planned(policies=[presets.default()], leaving=going))


def test_a_grant_that_only_they_give_is_not_in_force(cloud: ProviderWorld) -> None:
    """Its own binding was deleted behind our back, which a default hid so far."""
    cloud.unmake(*TRIO)
    everything = role_binding("all", "everything", "system:authenticated")
    cloud.make(everything)
    cloud.lists["/apis/rbac.authorization.k8s.io/v1/clusterroles"] = [
        {"metadata": {"name": "everything"}, "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}
    ]
    to_all = Grant(policy="default", subjects=[authenticated()])
    cloud.lists[DEPLOYMENTS] = []
    preflight(cloud.cluster(), planned(to_all, policies=[presets.default()]))
    gone = planned(to_all, policies=[presets.default()], leaving=frozenset({"ClusterRoleBinding/all"}))
    assert "Group system:authenticated may not use policy default in every namespace" in refusal(cloud, gone)


def test_reading_roles_and_bindings_is_a_right_of_its_own(cloud: ProviderWorld) -> None:
    """Asked only where something leaves."""
    cloud.denied = {("list", "roles")}
    assert "\n  list roles.rbac.authorization.k8s.io\n" in refusal(cloud, leaving())
    preflight(cloud.cluster(), planned(policies=[presets.default()]))

"""What is asked again: a real server takes a moment to follow, and a connection may be lost."""

from __future__ import annotations

import pytest
from tenacity import stop_after_attempt, wait_none

from pulumi_pod_security.cluster import in_force as module
from pulumi_pod_security.cluster.api import ClusterError, Unreachable
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.preflight import preflight, require_independent
from pulumi_pod_security.cluster.questions import Answer, Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.identity import Identity
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL, in_force, planned
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import World, kubeconfig, served

REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
DEPLOYMENTS = "/apis/apps/v1/deployments"
POD = {"metadata": {"generateName": "a-", "namespace": "shop", "annotations": {}}, "spec": {"containers": []}}


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask three times, at once."""
    monkeypatch.setattr(module._soon, "stop", stop_after_attempt(3))
    monkeypatch.setattr(module._soon, "wait", wait_none())


class Late(World):
    """A server whose authorizer learns of a binding only after some reviews."""

    def answer(self, call: Call) -> Reply:
        """Say no at first."""
        reply = super().answer(call)
        late = call.path == REVIEWS and len(self.asked(REVIEWS)) <= 2
        return Reply(body={"status": {"allowed": False}}) if late else reply


@pytest.mark.usefixtures("patient")
def test_a_binding_that_takes_effect_a_moment_later_is_in_force() -> None:
    """What was remembered of the first answer does not count against it."""
    plan = planned(TO_ALL)
    with served(Late()) as world:
        in_force(world, plan)
        preflight(world.cluster(), plan)
    assert len(world.asked(REVIEWS)) == 3


@pytest.mark.usefixtures("patient")
def test_a_binding_that_never_does_is_refused(world: World) -> None:
    """Asking again ends, and the refusal is the last one."""
    world.put(presets.privileged(), presets.default())
    with pytest.raises(PreflightRefused, match="Group system:authenticated may not use policy default"):
        preflight(world.cluster(), planned(TO_ALL))
    assert len(world.asked(REVIEWS)) == 6


def test_a_dry_run_whose_connection_was_lost_is_sent_again() -> None:
    """It stores nothing, so that twice does no harm."""
    cut = Reply(body=POD, headers={"Content-Length": "9999", "Connection": "close"})
    replies = [cut, cut, Reply(code=201, body=POD)]
    with serving(lambda _: replies.pop(0)) as address:
        cluster = Cluster(Connection(kubeconfig=kubeconfig(address)).open())
        assert cluster.dry_run(POD, Identity(user="a")) == Answer()
    assert replies == []


def test_a_dry_run_that_is_lost_each_time_is_an_error() -> None:
    """Three times are enough."""
    calls: list[Call] = []

    def lose(call: Call) -> Reply:
        calls.append(call)
        return Reply(body=POD, headers={"Content-Length": "9999", "Connection": "close"})

    with serving(lose) as address, pytest.raises(Unreachable):
        Cluster(Connection(kubeconfig=kubeconfig(address)).open()).dry_run(POD, Identity(user="a"))
    assert len(calls) == 3


def test_a_list_that_does_not_end_is_an_error() -> None:
    """A server that gives the same token again would be asked for ever."""
    with serving(lambda _: Reply(body={"items": [], "metadata": {"continue": "1"}})) as address:
        api = Connection(kubeconfig=kubeconfig(address)).open()
        with pytest.raises(ClusterError, match="the list at /api/v1/things does not end"):
            list(api.items("/api/v1/things", dict))


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
    with pytest.raises(PreflightRefused, match="1 of 1 workloads may use no policy") as refused:
        require_independent(world.cluster(), ["default"], [TO_ALL])
    assert str(refused.value).endswith("\n    give it a policy outside of this stack, then: pulumi destroy")
    world.put(presets.example())
    world.uses.add(("system:serviceaccounts", "example", None))
    require_independent(world.cluster(), ["default"], [TO_ALL])

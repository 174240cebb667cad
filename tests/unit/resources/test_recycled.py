"""`Recycled`: what it waits for, when it has something to do, and what it says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.output import Unknown

import pulumi_pod_security as ps
from pulumi_pod_security.cluster import recycling, revival
from pulumi_pod_security.cluster.recycling import RecyclingStopped
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated
from pulumi_pod_security.resources import recycled
from pulumi_pod_security.resources.recycled import RecycledProvider
from tests.unit.support.inputs import failure, inputs_of
from tests.unit.support.programs import baseline, enablement, recorded
from tests.unit.support.rollouts import OLD, Rollouts, running
from tests.unit.support.world import served

PROVIDER = RecycledProvider()
TO_EVERYONE = Grant(policy="privileged", subjects=[authenticated()])
TOKEN = "pulumi-python:dynamic/pod-security:Recycled"


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rollouts]:
    """A cluster with one workload out of date."""
    monkeypatch.setattr(recycling, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(revival, "POLL_SECONDS", 0.01)
    world = Rollouts()
    world.run("Deployment", "cart", OLD)
    with served(world):
        yield world


def inputs(world: Rollouts, **more: Any) -> dict[str, Any]:
    """The inputs, as Pulumi hands them over."""
    return inputs_of(world, [presets.privileged()], [TO_EVERYONE], **{"timeout_seconds": 30, **more})


def test_it_comes_last() -> None:
    """After everything of the baseline and of the enablement."""

    def program() -> None:
        made = baseline()
        ps.Recycled("recycled", ps.RecycledArgs(baseline=made, enablement=enablement(baseline=made)))

    monitor = recorded(program)
    (last,) = monitor.of_type(TOKEN)
    custom = [found for found in monitor.registrations.values() if found.custom and found.type != TOKEN]
    assert len(custom) > 8
    assert all(monitor.reaches(last, found) for found in custom)
    assert not any(monitor.reaches(found, last) for found in custom)


def test_it_does_without_an_enablement() -> None:
    """Where the plugin was on all along."""
    monitor = recorded(lambda: ps.Recycled("recycled", ps.RecycledArgs(baseline=baseline(), namespaces=["shop"])))
    (last,) = monitor.of_type(TOKEN)
    assert last.inputs["namespaces"] == ["shop"]
    assert monitor.reaches(last, monitor.named("baseline-guard"))


def test_creating_it_recycles(cluster: Rollouts) -> None:
    """And says what was made anew; a second time there is nothing to do."""
    props = inputs(cluster)
    outs = PROVIDER.create(props).outs
    assert outs is not None
    assert (outs["workloads"], outs["left"]) == (["shop/Deployment/cart"], [])
    assert cluster.carried("cart") == ["privileged"]
    assert PROVIDER.diff("recycled", outs, props).changes is False


def test_what_others_let_grow_old_is_an_update(cluster: Rollouts) -> None:
    """Shown by the preview; nothing else changed."""
    props = inputs(cluster)
    assert PROVIDER.diff("recycled", props, props).changes is True
    outs = PROVIDER.update("recycled", props, props).outs
    assert outs is not None
    assert outs["workloads"] == ["shop/Deployment/cart"]


def test_what_is_left_is_told(cluster: Rollouts) -> None:
    """With the reason; it is no failure, for the switch refuses what it must, and no reason to update again."""
    cluster.refusals["cart-"] = "exceeded quota"
    outs = PROVIDER.create(inputs(cluster)).outs
    assert outs is not None
    (left,) = outs["left"]
    assert left.startswith("shop/Deployment/cart: its next pod would be refused: ")
    assert outs["to_mend"] == [left]
    assert PROVIDER.diff("recycled", outs, inputs(cluster)).changes is False


def test_a_pod_without_an_owner_is_told(cluster: Rollouts) -> None:
    """It is not deleted, for nothing would make it anew; there is nothing to mend about it."""
    cluster.pods.append(running("alone"))
    outs = PROVIDER.create(inputs(cluster)).outs
    assert outs is not None
    (left,) = outs["left"]
    assert left.startswith("shop/Pod/alone: nothing makes it anew when it is gone")
    assert outs["to_mend"] == []
    assert cluster.changed == ["PATCH cart"]


def test_only_what_can_be_mended_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is for information; a state of before has neither."""
    said: list[tuple[str, str]] = []
    for severity in ("warn", "info"):
        monkeypatch.setattr(pulumi, severity, lambda words, severity=severity: said.append((severity, words)))
    recycled._say([["shop/Deployment/cart: why", "shop/Pod/alone: why"], ["shop/Deployment/cart: why"]])
    recycled._say([None, None])
    assert said == [
        ("warn", "not recycled: shop/Deployment/cart: why"),
        ("info", "not recycled: shop/Pod/alone: why"),
    ]


def test_what_pods_carry_moves_no_cursor(cluster: Rollouts) -> None:
    """Anybody may have written it while the plugin was off."""
    cluster.refusals["late-"] = "\x1b[2Jno\u202e"
    cluster.run("Deployment", "late", OLD)
    outs = PROVIDER.create(inputs(cluster)).outs
    assert outs is not None
    assert [left for left in outs["left"] if r"\x1b[2Jno\u202e" in left]
    assert all(left.isprintable() for left in outs["left"])


def test_what_does_not_come_back_fails_it(cluster: Rollouts) -> None:
    """Nothing is recorded then, and the next update begins again."""
    cluster.stuck.add("cart")
    with pytest.raises(RecyclingStopped, match="shop/Deployment/cart did not come back"):
        PROVIDER.create(inputs(cluster, timeout_seconds=0.2))


def test_one_namespace(cluster: Rollouts) -> None:
    """Others are not touched."""
    cluster.run("Deployment", "till", OLD, namespace="bank")
    outs = PROVIDER.create(inputs(cluster, namespaces=["bank"])).outs
    assert outs is not None
    assert outs["workloads"] == ["bank/Deployment/till"]


def test_refused_controllers_are_made_to_try_again(cluster: Rollouts) -> None:
    """Which a policy that comes late does not do by itself."""
    owner = cluster.run("ReplicaSet", "late")
    cluster.owners[owner]["spec"]["replicas"] = 1
    PROVIDER.create(inputs(cluster))
    assert "WAKE late" in cluster.changed


def test_controllers_of_other_namespaces_are_left_alone(cluster: Rollouts) -> None:
    """They are not even read; nor are nodes, which a kubeconfig for workloads need not let us list."""
    for namespace in ("shop", "bank"):
        owner = cluster.run("ReplicaSet", f"late-{namespace}", namespace=namespace)
        cluster.owners[owner]["spec"]["replicas"] = 1
    cluster.absent.add("/api/v1/nodes")
    PROVIDER.create(inputs(cluster, namespaces=["bank"]))
    assert cluster.changed == ["WAKE late-bank"]


def test_an_api_server_that_has_not_followed_is_waited_for(cluster: Rollouts) -> None:
    """Else it would seem to refuse what it is about to let in; here it never follows."""
    cluster.uses.clear()
    with pytest.raises(PreflightRefused, match="Group system:authenticated may not use policy privileged"):
        PROVIDER.create(inputs(cluster))
    assert cluster.changed == []


def test_while_the_plugin_is_off_there_is_nothing_to_do(cluster: Rollouts) -> None:
    """As on nodes that a person must make follow first."""
    cluster.enforcing = False
    props = inputs(cluster)
    outs = PROVIDER.create(props).outs
    assert outs is not None
    assert (outs["workloads"], outs["left"]) == ([], [])
    assert PROVIDER.diff("recycled", outs, props).changes is False


def test_a_changed_baseline_is_an_update(cluster: Rollouts) -> None:
    """What pods carry may follow from it."""
    cluster.pods.clear()
    props = inputs(cluster)
    assert PROVIDER.diff("recycled", props, {**props, "grants": []}).changes is True
    assert PROVIDER.diff("recycled", props, {**props, "namespaces": ["shop"]}).changes is True


def test_rights_are_refused_at_preview(cluster: Rollouts) -> None:
    """Before the switch, which it comes after."""
    cluster.denied = {("patch", "daemonsets")}
    words = failure(PROVIDER.check({}, inputs(cluster))) or ""
    assert "patch daemonsets.apps" in words
    assert failure(PROVIDER.check({}, {**inputs(cluster), "kubeconfig": Unknown()})) is None


def test_destroying_it_changes_nothing(cluster: Rollouts) -> None:
    """Pods stay as they are."""
    PROVIDER.delete("recycled", inputs(cluster))
    assert cluster.calls == []

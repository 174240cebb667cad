"""Policies and grants that are declared and not in force, and what is asked again before that is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from tenacity import stop_after_attempt, wait_none

from pulumi_pod_security.cluster import in_force as checks
from pulumi_pod_security.cluster.plan import binding_reference, path_of
from pulumi_pod_security.cluster.preflight import preflight
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, service_account, user
from tests.unit.support.objects import owner
from tests.unit.support.plans import TO_ALL, TO_NODES, in_force, planned, refusal
from tests.unit.support.standin import Call, Reply
from tests.unit.support.world import World, served

POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


def test_a_policy_deleted_behind_our_back(world: World) -> None:
    """A declared policy that is not there is named, with the command that puts it back."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    world.take("privileged")
    assert refusal(world, plan) == (
        "what the baseline declares is not in force; enforcement was not touched\n"
        f"  policy privileged is not on the server at {world.cluster().api.where}: someone deleted it; "
        "put it back with: pulumi up --refresh --skip-preview; "
        "or this kubeconfig leads to another cluster than the kubernetes provider's"
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(lambda found: found["spec"].update(hostNetwork=True), "host_network", id="loosened"),
        pytest.param(lambda found: found["spec"].update(volumes=["secret"]), "volumes", id="tightened"),
        pytest.param(lambda found: found["spec"].pop("volumes"), "volumes", id="taken-out"),
        pytest.param(lambda found: found["metadata"].pop("annotations"), "seccomp", id="annotations"),
        pytest.param(lambda found: found["spec"].update(fieldOfTomorrow=1), "spec.fieldOfTomorrow", id="unknown-field"),
    ],
)
def test_a_policy_changed_behind_our_back(world: World, change: Callable[[dict[str, Any]], object], field: str) -> None:
    """A difference that means something is named by its field."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    change(world.lists[POLICIES][1])
    assert refusal(world, plan) == (
        "what the baseline declares is not in force; enforcement was not touched\n"
        f"  policy default on the server differs from the declared one in {field}: "
        "someone changed it; put it back with: pulumi up --refresh --skip-preview"
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda found: found["metadata"].update(uid="1", managedFields=[{}]), id="servers-metadata"),
        pytest.param(lambda found: found["metadata"].update(labels={"team": "a"}), id="labels"),
        pytest.param(lambda found: found["metadata"]["annotations"].update(note="a"), id="other-annotations"),
    ],
)
def test_what_means_the_same_is_no_change(world: World, change: Callable[[dict[str, Any]], object]) -> None:
    """What the server fills in or drops, and labels and notes, do not count."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    change(world.lists[POLICIES][1])
    preflight(world.cluster(), plan)


@pytest.mark.parametrize("gate", ["off", "on"])
def test_a_field_behind_a_gate_may_be_kept_or_dropped(world: World, gate: str) -> None:
    """`allowedProcMountTypes` is there or not as the server's gate ProcMountType says."""
    spec = dataclasses.replace(presets.default().spec, allowed_proc_mount_types=("Default",))
    plan = planned(policies=[dataclasses.replace(presets.default(), spec=spec)])
    in_force(world, plan)
    if gate == "on":
        world.lists[POLICIES][0]["spec"]["allowedProcMountTypes"] = ["Default"]
    preflight(world.cluster(), plan)


def test_a_field_behind_a_gate_that_nobody_declared_is_a_change(world: World) -> None:
    """Someone else wrote it."""
    plan = planned(policies=[presets.default()])
    in_force(world, plan)
    world.lists[POLICIES][0]["spec"]["allowedProcMountTypes"] = ["Unmasked"]
    assert "differs from the declared one in allowed_proc_mount_types" in refusal(world, plan)


def test_what_this_update_creates_is_not_missed(world: World) -> None:
    """A policy and a binding that are still to be created may be absent, and their grant counts."""
    world.lists["/apis/apps/v1/deployments"] = [owner("cart")]
    pending = {"PodSecurityPolicy/privileged", "PodSecurityPolicy/default", "ClusterRoleBinding/default-psp"}
    preflight(world.cluster(), planned(TO_ALL, pending=frozenset(pending)))


def test_a_pending_policy_may_differ(world: World) -> None:
    """The server still has what the last update declared."""
    declared = planned(TO_ALL)
    in_force(world, declared)
    changed = dataclasses.replace(
        presets.default(), spec=dataclasses.replace(presets.default().spec, host_network=True)
    )
    pending = frozenset({"PodSecurityPolicy/default"})
    preflight(world.cluster(), planned(TO_ALL, policies=[presets.privileged(), changed], pending=pending))


IDLE = [
    pytest.param(
        TO_ALL,
        "Group system:authenticated may not use policy default in every namespace: its ClusterRoleBinding/default-psp",
        id="cluster-wide",
    ),
    pytest.param(
        TO_NODES,
        "Group system:nodes may not use policy privileged in namespace kube-system: its "
        "RoleBinding/kube-system/privileged-psp-nodes",
        id="namespace",
    ),
    pytest.param(
        Grant(policy="default", subjects=[service_account("cart")], namespace="shop"),
        "ServiceAccount shop/cart may not use policy default in namespace shop: its "
        "RoleBinding/shop/default-psp-cart:shop",
        id="account",
    ),
    pytest.param(
        Grant(policy="default", subjects=[user("jane")]),
        "User jane may not use policy default in every namespace: its ClusterRoleBinding/default-psp-jane",
        id="user",
    ),
]


@pytest.mark.parametrize(("grant", "words"), IDLE)
def test_a_binding_deleted_behind_our_back(world: World, grant: Grant, words: str) -> None:
    """A grant without effect is named with the object that should give it."""
    plan = planned(grant)
    in_force(world, plan)
    world.uses.clear()
    assert refusal(world, plan) == (
        f"what the baseline declares is not in force; enforcement was not touched\n  {words} or the role behind it is "
        "gone or changed; put it back with: pulumi up --refresh --skip-preview"
    )


@pytest.mark.parametrize("grant", [case.values[0] for case in IDLE], ids=[case.id for case in IDLE])
def test_a_subject_brings_its_right_alone(world: World, grant: Grant) -> None:
    """A subject is asked about by itself: no other group that it may be in helps, so a lost binding shows."""
    in_force(world, planned(grant))
    world.uses |= {(name, grant.policy, None) for name in ("system:masters", "system:serviceaccounts")}
    in_its_place = {(subject.name, grant.policy, grant.namespace) for subject in grant.subjects}
    preflight(world.cluster(), planned(grant))
    if grant.subjects[0].kind == "Group":
        world.uses -= in_its_place
        assert "gone or changed" in refusal(world, planned(grant))


def test_a_right_in_one_namespace_is_no_right_in_all(world: World) -> None:
    """A cluster-wide grant whose ClusterRoleBinding became a RoleBinding is idle."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    world.uses = {("system:authenticated", "default", namespace) for namespace in ("shop", "default")}
    assert "may not use policy default in every namespace" in refusal(world, plan)


def test_an_idle_grant_of_this_update_is_not_missed(world: World) -> None:
    """A binding that is about to be created or changed may have no effect yet."""
    plan = planned(TO_ALL, TO_NODES, pending=frozenset({binding_reference(TO_ALL)}))
    in_force(world, plan)
    world.uses.discard(("system:authenticated", "default", None))
    preflight(world.cluster(), plan)


def test_what_is_in_use_is_not_replaced(world: World) -> None:
    """Another name of its Pulumi resource would delete an object after it was taken over; it is named before."""
    reference = binding_reference(TO_ALL)
    plan = planned(TO_ALL, created=frozenset({reference}), pending=frozenset({reference}))
    in_force(world, plan)
    world.lists[path_of(reference).rpartition("/")[0]] = [{"metadata": {"name": reference.rpartition("/")[2]}}]
    preflight(world.cluster(), plan)
    words = refusal(world, dataclasses.replace(plan, replaced=frozenset({reference})))
    assert f"\n  {reference} would be deleted and made anew while it is in use: its resource got another name" in words


def test_what_was_deleted_by_hand_is_made_anew(world: World) -> None:
    """After a refresh its id is unknown as well, and there is nothing to lose."""
    reference = binding_reference(TO_ALL)
    made = frozenset({reference})
    plan = planned(TO_ALL, created=made, pending=made, replaced=made)
    in_force(world, plan)
    world.absent = {path_of(reference)}
    preflight(world.cluster(), plan)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask three times, at once."""
    monkeypatch.setattr(checks._soon, "stop", stop_after_attempt(3))
    monkeypatch.setattr(checks._soon, "wait", wait_none())


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

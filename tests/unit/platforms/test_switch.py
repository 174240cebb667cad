"""Turning on, proving, and going back by itself; what is said when any of it fails."""

from __future__ import annotations

import time

import pytest

from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import Verification, Verified
from pulumi_pod_security.platforms.switch import EnforcementUndone, SwitchError, enforce, relax
from pulumi_pod_security.policy import presets
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import TO_ALL
from tests.unit.support.switches import FakeSwitch, Person
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World

ON, OFF = frozenset({"on"}), frozenset({"off"})
DEPLOYMENTS = "/apis/apps/v1/deployments"
PRIVILEGED = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
UNDONE = "the switch was undone: the API server runs without the plugin again; mend the above, then run: pulumi up"
SOON = 0.3


@pytest.fixture
def world(world: World) -> World:
    """A cluster where everyone may use `default`, and one Deployment that it admits."""
    world.put(presets.default())
    world.uses = {("system:authenticated", "default", None)}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    return world


def enforced(switch: FakeSwitch, timeout: float = 5) -> Verified:
    """Enforce the baseline of the world."""
    verification = Verification.begin(switch.world.cluster(), [presets.default()], [TO_ALL], ())
    return enforce(switch, verification, timeout)


def undone(switch: FakeSwitch, timeout: float = 5) -> list[str]:
    """The lines with which enforcement says that it was undone."""
    with pytest.raises(EnforcementUndone) as error:
        enforced(switch, timeout)
    assert TOKEN not in told(error.value)
    return str(error.value).splitlines()


def surprised(world: World) -> FakeSwitch:
    """A switch in a world with a workload that `default` refuses."""
    spec = pod_spec(containers=[PRIVILEGED], serviceAccountName="cart")
    world.lists[DEPLOYMENTS] = [owner("cart", replicas=0, spec=spec)]
    return FakeSwitch(world=world)


def test_turns_on_and_proves_it(world: World) -> None:
    """With every verdict as promised the plugin stays on, moved once."""
    switch = FakeSwitch(world=world)
    assert enforced(switch) == Verified(workloads=1, canaries=4, surprises=())
    assert (switch.moves, world.enforcing) == (["on"], True)


def test_waits_for_a_server_that_is_away(world: World) -> None:
    """An API server that restarts is not there for a while, and that is no failure."""

    class Restarting(FakeSwitch):
        def turn_on(self) -> None:
            super().turn_on()
            world.away = 4

    assert enforced(Restarting(world=world)).surprises == ()
    assert world.away == 0


def test_a_surprise_undoes_it_and_names_the_workload(world: World) -> None:
    """The message has the workload, the server's reason, and that the way back was gone."""
    switch = surprised(world)
    assert undone(switch) == [
        "of 1 workloads and 4 canaries 1 got another verdict than was promised",
        "  shop/Deployment/cart (0 replicas, service account shop:cart)",
        '    pods "cart-" is forbidden: PodSecurityPolicy: unable to admit pod: '
        "[spec.containers[0].securityContext.privileged]",
        UNDONE,
    ]
    assert (switch.moves, world.enforcing) == (["on", "off"], False)


def test_a_canary_undoes_it_too(world: World) -> None:
    """A privileged pod that gets in is as bad as a workload that does not."""
    world.put(presets.privileged())
    world.uses |= {("system:serviceaccounts", "privileged", None)}
    switch = FakeSwitch(world=world)
    lines = undone(switch)
    assert lines[0] == "of 1 workloads and 4 canaries 2 got another verdict than was promised"
    assert lines[1] == "  privileged canary in namespace default (service account default:default)"
    assert not world.enforcing


def test_a_plugin_that_does_not_come_is_undone(world: World) -> None:
    """After the time-out the switch goes back, and the message says what was waited for and how long."""
    switch = FakeSwitch(world=world, idle=ON)
    assert undone(switch, SOON) == [
        "the API server coming back with the PodSecurityPolicy plugin did not happen within 0.3 s",
        UNDONE,
    ]
    assert switch.moves == ["on", "off"]


def test_a_server_that_does_not_come_back_is_quoted(world: World) -> None:
    """What was last seen of it is in the message, and the failed way back too."""

    class Crashing(FakeSwitch):
        def turn_on(self) -> None:
            super().turn_on()
            world.away = 10**9

    first, last = undone(Crashing(world=world), SOON)
    assert "within 0.3 s; last seen: GET /version: away" in first
    assert last.startswith("turning the plugin off again FAILED: the API server coming back without the")


def test_a_switch_that_cannot_be_moved_is_put_back(world: World) -> None:
    """Half a move may have been made, so the way back is gone all the same."""
    switch = FakeSwitch(world=world, broken=ON)
    assert undone(switch) == ["the switch does not turn on", UNDONE]
    assert switch.moves == ["on", "off"]


def test_a_verification_that_cannot_ask_is_undone(world: World) -> None:
    """Without proof the plugin does not stay on."""

    class Forgetting(FakeSwitch):
        def turn_on(self) -> None:
            super().turn_on()
            world.absent = {DEPLOYMENTS}

    lines = undone(Forgetting(world=world))
    assert lines == [f"GET {DEPLOYMENTS}: the server could not find the requested resource", UNDONE]
    assert not world.enforcing


def test_whatever_else_goes_wrong_the_plugin_does_not_stay_on(world: World) -> None:
    """An interrupt, or a fault of ours, comes through as it is, and the switch went back first."""

    class Interrupted(FakeSwitch):
        def turn_on(self) -> None:
            super().turn_on()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        enforced(Interrupted(world=world))
    assert not world.enforcing


def test_a_way_back_that_fails_is_said_aloud(world: World) -> None:
    """The plugin is still on, and the message does not claim otherwise."""
    switch = surprised(world)
    switch.broken = OFF
    assert undone(switch)[-1] == (
        "turning the plugin off again FAILED: the switch does not turn off; run pulumi up or pulumi destroy again"
    )


def test_a_way_back_that_has_no_effect_is_said_aloud(world: World) -> None:
    """An API server that keeps the plugin after the switch went back is a failure of the way back."""
    switch = surprised(world)
    switch.idle = OFF
    assert undone(switch, SOON)[-1] == (
        "turning the plugin off again FAILED: the API server coming back without the PodSecurityPolicy plugin did not "
        "happen within 0.3 s; run pulumi up or pulumi destroy again"
    )


def test_a_plugin_that_was_on_before_stays_on(world: World) -> None:
    """We put back what was there, which is on, and nobody waits for it to go off."""
    world.enforcing = True
    switch = surprised(world)
    switch.was_on = True
    lines = undone(switch)
    assert lines[-1] == "the plugin was on before this update and stays on; mend the above, then run: pulumi up"
    assert (switch.moves, world.enforcing) == (["on", "off"], True)


def test_nodes_out_of_reach_are_left_to_a_person(world: World) -> None:
    """The configuration goes back; the command for the nodes is stated and not waited for."""
    world.enforcing = True
    switch = surprised(world)
    switch.way_back, switch.idle = Person(), OFF
    assert undone(switch)[-1] == (
        "the configuration was put back; turn the plugin off on the nodes with: kubeadm upgrade"
    )
    assert switch.moves == ["on", "off"]


def test_nodes_out_of_reach_whose_configuration_stays(world: World) -> None:
    """When even the configuration cannot be put back, that is said instead."""
    world.enforcing = True
    switch = surprised(world)
    switch.way_back, switch.broken = Person(), OFF
    assert undone(switch)[-1].startswith("turning the plugin off again FAILED: the switch does not turn off")


def test_relaxing_waits_until_the_plugin_is_gone(world: World) -> None:
    """The switch counts as off when the API server says so."""
    world.enforcing = True
    switch = FakeSwitch(world=world)
    relax(switch, world.cluster(), 5)
    assert (switch.moves, world.enforcing) == (["off"], False)
    assert world.asked("/api/v1/namespaces/kube-system/pods")


def test_relaxing_a_server_that_does_not_follow_fails(world: World) -> None:
    """Policies must not go while the plugin is on, so the wait has an end and no success."""
    world.enforcing = True
    with pytest.raises(SwitchError, match=r"without the PodSecurityPolicy plugin did not happen within 0\.3 s"):
        relax(FakeSwitch(world=world, idle=OFF), world.cluster(), SOON)


def test_relaxing_waits_for_the_last_of_several_servers(world: World) -> None:
    """One that does not enforce is no proof that none does, nor is it one that enforces."""

    class Several(FakeSwitch):
        left = 3

        def is_on(self, _: Cluster) -> bool:
            return False

        def is_off(self, _: Cluster) -> bool:
            self.left -= 1
            return self.left == 0

    switch = Several(world=world)
    relax(switch, world.cluster(), 5)
    assert switch.left == 0
    switch.left = 10**9
    with pytest.raises(SwitchError, match=r"without the PodSecurityPolicy plugin did not happen within 0\.3 s"):
        relax(switch, world.cluster(), SOON)
    switch.way_back = Person()
    with pytest.raises(SwitchError, match="run: kubeadm upgrade; then again: pulumi destroy"):
        relax(switch, world.cluster(), 30)


def test_relaxing_what_was_on_before_does_not_wait(world: World) -> None:
    """The plugin stays, by intention."""
    world.enforcing = True
    started = time.monotonic()
    relax(FakeSwitch(world=world, was_on=True), world.cluster(), 30)
    assert time.monotonic() - started < 5
    assert world.calls == []


def test_relaxing_nodes_out_of_reach_fails_until_a_person_has_been_there(world: World) -> None:
    """While the API server still runs the plugin, taking policies and grants away would lock the cluster out."""
    world.enforcing = True
    switch = FakeSwitch(world=world, way_back=Person(), idle=OFF)
    with pytest.raises(SwitchError) as error:
        relax(switch, world.cluster(), 30)
    assert str(error.value) == (
        "the configuration was put back, but 1 of 2 API servers still run the plugin: cp-2; policies and grants "
        "stay until none does; run: kubeadm upgrade; then again: pulumi destroy"
    )
    world.enforcing = False
    relax(switch, world.cluster(), 30)
    assert switch.moves == ["off", "off"]


def test_a_switch_that_cannot_be_moved_back_is_an_error(world: World) -> None:
    """The platform's own words are the error."""
    with pytest.raises(SwitchError, match="the switch does not turn off"):
        relax(FakeSwitch(world=world, broken=OFF), world.cluster(), 5)

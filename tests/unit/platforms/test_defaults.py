"""Defaults taken away and put back: nothing unsaved is deleted, nothing is made that was not there."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.platforms.defaults import DefaultsSwitch, Unsettled, require_plugin, require_removable
from pulumi_pod_security.platforms.saved import SavedObjects, kept
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.provider import BINDING, ROLE, TRIO, ProviderWorld, provided, role_binding, trio
from tests.unit.support.standin import Call, Reply

POLICY = TRIO[2]
NAMES = [name.partition("/")[2] for name in TRIO]


@pytest.fixture
def cloud() -> Iterator[ProviderWorld]:
    """A cluster with the defaults."""
    with provided(ProviderWorld(enforcing=True)) as world:
        world.make(*trio())
        yield world


def switch_of(world: ProviderWorld, saved: SavedObjects | None = None) -> DefaultsSwitch:
    """The switch, with what is there now as what was saved."""
    cluster = world.cluster()
    found = saved or SavedObjects.read(cluster.api, TRIO)
    return DefaultsSwitch(cluster, TRIO, found.text)


def contents(world: ProviderWorld) -> dict[str, object]:
    """Every object without what the server writes."""
    return {name: kept(found) for name, found in world.stored().items()}


def test_removed_binding_first_and_put_back_the_other_way_round(cloud: ProviderWorld) -> None:
    """The binding is the switch: before it goes nothing else may be missing, and it comes back last."""
    before, switch = contents(cloud), switch_of(cloud)
    assert not switch.is_set
    switch.turn_on()
    assert switch.is_set
    switch.turn_off()
    assert contents(cloud) == before
    assert cloud.mutations() == [*(f"DELETE {name}" for name in NAMES), *(f"POST {name}" for name in reversed(TRIO))]


def test_both_moves_may_be_repeated(cloud: ProviderWorld) -> None:
    """Half of either move is finished by the whole of it."""
    before, switch = contents(cloud), switch_of(cloud)
    cloud.unmake(BINDING)
    switch.turn_on()
    switch.turn_on()
    cloud.make(trio()[2])
    switch.turn_off()
    switch.turn_off()
    assert contents(cloud) == before


@pytest.mark.parametrize("gone", TRIO)
def test_what_was_not_there_is_never_made(cloud: ProviderWorld, gone: str) -> None:
    """Half gone before us is half gone after us."""
    cloud.unmake(gone)
    before, switch = contents(cloud), switch_of(cloud)
    switch.turn_on()
    assert switch.is_set
    switch.turn_off()
    assert contents(cloud) == before


def test_defaults_that_were_gone_before_us_stay_gone(cloud: ProviderWorld) -> None:
    """Then enforcement was on before us."""
    cloud.unmake(*TRIO)
    switch = switch_of(cloud)
    assert switch.was_on
    switch.turn_on()
    switch.turn_off()
    assert cloud.mutations() == []


def test_what_changed_since_it_was_saved_is_not_deleted(cloud: ProviderWorld) -> None:
    """Neither it nor the others: the next update saves it as it is."""
    switch = switch_of(cloud)
    cloud.unmake(ROLE)
    cloud.make(trio(labels={"version": "2"})[1])
    with pytest.raises(SwitchError, match=f"^{ROLE} changed since it was saved, .* go on with: pulumi up$"):
        switch.turn_on()
    assert cloud.mutations() == []


def test_what_came_since_it_was_saved_is_not_deleted(cloud: ProviderWorld) -> None:
    """An object that was absent has nothing saved of it."""
    cloud.unmake(POLICY)
    switch = switch_of(cloud)
    cloud.make(trio()[2])
    with pytest.raises(SwitchError, match=f"^{POLICY} changed since it was saved"):
        switch.turn_on()
    assert cloud.mutations() == []


def test_what_changes_between_reading_and_deleting_is_not_deleted(cloud: ProviderWorld) -> None:
    """The server is told which one is meant, and refuses another."""
    switch = switch_of(cloud)

    def meddle(call: Call) -> Reply | None:
        if call.method == "DELETE" and call.path.endswith("authenticated") and "uid-4" not in str(cloud.stored()):
            cloud.unmake(BINDING)
            cloud.make(trio()[0])
        return None

    cloud.fault = meddle
    with pytest.raises(SwitchError, match=f"^{BINDING} changed since it was saved"):
        switch.turn_on()
    assert set(cloud.stored()) == set(TRIO)


def test_what_somebody_else_deletes_first_is_gone(cloud: ProviderWorld) -> None:
    """That is what was wanted."""
    switch = switch_of(cloud)

    def meddle(call: Call) -> Reply | None:
        if call.method == "DELETE":
            cloud.unmake(*TRIO)
        return None

    cloud.fault = meddle
    switch.turn_on()
    assert switch.is_set


def test_what_others_put_there_is_left_and_said(cloud: ProviderWorld, caplog: pytest.LogCaptureFixture) -> None:
    """The provider may have brought a newer one; an equal one is not worth a word."""
    switch = switch_of(cloud)
    switch.turn_on()
    cloud.make(trio(labels={"version": "2"})[1], trio()[2])
    with caplog.at_level(logging.WARNING):
        switch.turn_off()
    assert caplog.messages == [f"{ROLE} is there, is not as it was saved, and is left as it is"]
    assert cloud.stored()[ROLE]["metadata"]["labels"] == {"version": "2"}


def test_what_somebody_is_deleting_is_not_there(cloud: ProviderWorld) -> None:
    """It would go under us, so this fails until it is gone and can be put back."""
    switch = switch_of(cloud)
    cloud.unmake(BINDING)
    cloud.make(trio(deletionTimestamp="2022-05-03T10:00:00Z", finalizers=["example.com/hold"])[0])
    with pytest.raises(SwitchError, match=f"^{BINDING} is being deleted by somebody else; once it is gone"):
        switch.turn_off()


def test_a_server_without_policies_gets_none_back(cloud: ProviderWorld) -> None:
    """After an upgrade to 1.25 nothing asks for them, and destroy goes through."""
    switch = switch_of(cloud)
    switch.turn_on()
    cloud.version = {"major": "1", "minor": "25+", "gitVersion": "v1.25.6-eks-48e63af"}
    after = DefaultsSwitch(cloud.cluster(), TRIO, switch._text)
    after.turn_off()
    assert not after.is_on(cloud.cluster())
    assert not cloud.stored()


class TestIsOn:
    """What the API server does, not only what it keeps."""

    def test_off_and_on(self, cloud: ProviderWorld) -> None:
        """All of them there is off, none of them is on."""
        switch = switch_of(cloud)
        assert not switch.is_on(cloud.cluster())
        switch.turn_on()
        assert switch.is_on(cloud.cluster())
        switch.turn_off()
        assert not switch.is_on(cloud.cluster())

    def test_half_is_neither(self, cloud: ProviderWorld) -> None:
        """Who waits for either goes on waiting."""
        switch = switch_of(cloud)
        cloud.unmake(BINDING, POLICY)
        with pytest.raises(Unsettled, match=f"^still there: {ROLE}; not there: {BINDING}, {POLICY}$"):
            switch.is_on(cloud.cluster())
        assert issubclass(Unsettled, ClusterError)

    def test_an_authorizer_that_lags_is_waited_for(self, cloud: ProviderWorld) -> None:
        """It still lets in after the removal, and does not let in yet after the return."""
        switch = switch_of(cloud)
        switch.turn_on()
        cloud._before, cloud.lag = None, 0
        cloud.make(*trio())
        cloud.unmake(*TRIO)
        cloud.lag = 1
        with pytest.raises(Unsettled, match="still lets system:authenticated use policy eks"):
            switch.is_on(cloud.cluster())
        assert switch.is_on(cloud.cluster())
        switch.turn_off()
        cloud.unmake(BINDING)
        cloud.make(trio()[0])
        cloud.lag = 2
        with pytest.raises(Unsettled, match="the authorizer does not let system:authenticated use policy eks"):
            switch.is_on(cloud.cluster())
        assert not switch.is_on(cloud.cluster())

    def test_others_who_use_the_role_count_too(self, cloud: ProviderWorld) -> None:
        """A binding of a user's own to the provider's role gives nothing once the role is gone."""
        cloud.make(role_binding("mine", ROLE.partition("/")[2], "devs"))
        switch = switch_of(cloud)
        switch.turn_on()
        assert switch.is_on(cloud.cluster())
        cloud.uses = {("devs", "eks.privileged", None)}
        with pytest.raises(Unsettled, match="still lets devs use policy eks"):
            switch.is_on(cloud.cluster())


def test_what_could_not_be_put_back_is_refused(cloud: ProviderWorld) -> None:
    """The server says why, object by object, and nothing is removed."""

    def escalates(call: Call) -> Reply | None:
        if call.method == "POST" and call.path.endswith("/clusterroles"):
            return Reply(code=403, body={"message": "attempting to grant RBAC permissions not currently held"})
        return None

    cloud.fault = escalates
    with pytest.raises(SwitchError) as refused:
        switch_of(cloud).turn_on()
    assert str(refused.value) == (
        "the provider's defaults could not be put back later; nothing was changed\n"
        f"  {ROLE}: attempting to grant RBAC permissions not currently held"
    )
    assert set(cloud.stored()) == set(TRIO)


def test_what_would_not_go_is_refused(cloud: ProviderWorld) -> None:
    """An object with finalizers stays in force for as long as somebody likes."""
    (binding, *_) = trio(finalizers=["example.com/hold"])
    with pytest.raises(SwitchError) as refused:
        require_removable(cloud.cluster(), {BINDING: binding})
    assert "removes its finalizers (example.com/hold); remove them: kubectl patch clusterrolebinding eks:" in str(
        refused.value
    )


@pytest.mark.parametrize("enforcing", [True, False])
def test_a_cluster_of_another_platform_is_refused(cloud: ProviderWorld, enforcing: bool) -> None:  # noqa: FBT001
    """Where the plugin is off, taking the defaults away would enforce nothing."""
    cloud.enforcing = enforcing
    if enforcing:
        require_plugin(cloud.cluster(), "Amazon EKS")
    else:
        with pytest.raises(SwitchError, match=r"plugin is off at .*, and on Amazon EKS it is always on"):
            require_plugin(cloud.cluster(), "Amazon EKS")

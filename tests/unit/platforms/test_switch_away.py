"""Going back while the server is away: it may be away for the same reason as the proof failed."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from pulumi_pod_security.cluster.api import ClusterError, Refused, Unreachable
from pulumi_pod_security.cluster.objects import Status
from pulumi_pod_security.cluster.verification import Verification
from pulumi_pod_security.platforms.switch import EnforcementUndone, enforce, relax
from pulumi_pod_security.policy import presets
from tests.unit.support.plans import TO_ALL
from tests.unit.support.switches import FakeSwitch
from tests.unit.support.world import World


def refused(code: int) -> Refused:
    """A refusal with this status."""
    return Refused(request="PATCH /x", code=code, status=Status(message="no"))


PASSING = [Unreachable("here", "away"), ClusterError("no answer"), *map(refused, (401, 429, 500, 502, 503, 504))]
LASTING = [refused(code) for code in (400, 403, 404, 409, 422)]


@dataclass(kw_only=True)
class Failing(FakeSwitch):
    """A switch whose next moves back end with these errors."""

    errors: list[Exception] = field(default_factory=list)

    def turn_off(self) -> None:
        """Turn it off once none is left."""
        if self.errors:
            self.moves.append("off")
            raise self.errors.pop()
        super().turn_off()


def undone(switch: FakeSwitch) -> str:
    """What is said at the end of a switch that does not come on."""
    verification = Verification.begin(switch.world.cluster(), [presets.default()], [TO_ALL], ())
    with pytest.raises(EnforcementUndone) as error:
        enforce(switch, verification, 1)
    return str(error.value).splitlines()[-1]


@pytest.mark.parametrize("error", PASSING, ids=str)
def test_what_passes_is_waited_for(world: World, error: Exception) -> None:
    """Nothing unproven stays on because a server was away for a moment."""
    switch = Failing(world=world, idle=frozenset({"on"}), errors=[error, error])
    assert undone(switch).startswith("the switch was undone: the API server runs without the plugin again")
    assert switch.moves == ["on", "off", "off", "off"]


@pytest.mark.parametrize("error", LASTING, ids=lambda error: str(error.code))
def test_what_a_server_refuses_is_not(world: World, error: Exception) -> None:
    """It would refuse it again."""
    switch = Failing(world=world, idle=frozenset({"on"}), errors=[error])
    assert undone(switch).startswith("turning the plugin off again FAILED: PATCH /x: no; run pulumi up")
    assert switch.moves == ["on", "off"]


def test_a_server_that_stays_away_is_told(world: World) -> None:
    """The time is that of the switch."""
    switch = Failing(world=world, idle=frozenset({"on"}), errors=[Unreachable("here", "away")] * 100)
    assert "FAILED: no Kubernetes API server answers at here: away" in undone(switch)
    assert 3 < len(switch.moves) < 10


def test_a_destroy_does_not_wait(world: World) -> None:
    """It stops at the error, with policies and grants still there, and the next one goes on."""
    world.enforcing = True
    switch = Failing(world=world, errors=[Unreachable("here", "away")])
    with pytest.raises(Unreachable):
        relax(switch, world.cluster(), 1)
    assert switch.moves == ["off"]

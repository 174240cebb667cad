"""Every call to a provider's API going wrong, in `up` and in `destroy`: nobody is locked out, the next run mends."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.resources import plugin_field
from tests.standins.faults import THOROUGH, Fault, How, Plan, nth
from tests.unit.support.enabling import Enabling, enabling
from tests.unit.support.inputs import failure
from tests.unit.support.providers import PACE, Served
from tests.unit.support.world import World

Kind = Callable[[Enabling, int], Plan]


def once(how: How) -> Kind:
    """That call alone."""
    return lambda platform, number: nth(number, dataclasses.replace(platform.served.provider.throttled, how=how))


def denied_once(platform: Enabling, number: int) -> Plan:
    """Refused for good, and once."""
    return nth(number, platform.served.provider.denied)


def denied_since(platform: Enabling, number: int) -> Plan:
    """Refused from then on: the way back fails too."""
    return lambda count, _name: platform.served.provider.denied if count >= number else None


KINDS: dict[str, Kind] = {
    "status": once(How.STATUS),
    "drop": once(How.DROP),
    "lose": once(How.LOSE),
    "hang": once(How.HANG),
    "denied": denied_once,
    "denied-since": denied_since,
}


@pytest.fixture
def platform(provider: Served, world: World, monkeypatch: pytest.MonkeyPatch) -> Enabling:
    """Each platform, with the plugin off and a provider that is soon given up."""
    pace = dataclasses.replace(PACE, timeout=4, look=1, request=0.3)
    monkeypatch.setattr(plugin_field, "pace_of", lambda _props: pace)
    return enabling(provider, world)


# A minute each, so that one is tried with every change: the worst for us.
@pytest.mark.parametrize("kind", KINDS if THOROUGH else ("lose",))
def test_every_call_going_wrong(platform: Enabling, kind: str, figure: Callable[[str], None]) -> None:
    """After each, pods can be created; the next update enforces, and the next destroy leaves the plugin off."""
    ups = destroys = 0
    while _tried(platform, KINDS[kind](platform, ups), _up):
        ups += 1
    while _tried(platform, KINDS[kind](platform, destroys), _mended_and_destroyed):
        destroys += 1
    figure(f"{platform.served.provider.kind} {kind}: {ups} calls of up, {destroys} of destroy")
    assert ups >= 6
    assert destroys >= 5


def _tried(platform: Enabling, plan: Plan, act: Callable[[Enabling, Plan], None]) -> bool:
    """Whether the fault happened, in a run of its own."""
    met: list[Fault] = []

    def noted(number: int, name: str) -> Fault | None:
        fault = plan(number, name)
        met.extend([fault] if fault else [])
        return fault

    try:
        act(platform, noted)
    except PodSecurityError:
        assert met
    platform.served.standin.script.restart()
    platform.served.managed.settle()
    _can_create_pods(platform)
    _mended(platform)
    _destroy(platform)
    return bool(met)


def _up(platform: Enabling, plan: Plan) -> None:
    """The first update, from the check of its preview on."""
    platform.served.standin.script.restart(plan)
    said = failure(platform.found.check({}, platform.inputs()))
    if said is not None:
        raise PodSecurityError(said)
    platform.up()
    assert platform.world.enforcing


def _mended_and_destroyed(platform: Enabling, plan: Plan) -> None:
    _mended(platform)
    platform.served.standin.script.restart(plan)
    _destroy(platform)


def _mended(platform: Enabling) -> None:
    """The next update: what was found is in the state, and says off."""
    props = {**platform.inputs(), "was_on": False}
    assert (platform.switch.create(props).outs or {})["enforced"] is True
    assert platform.world.enforcing
    _can_create_pods(platform)


def _destroy(platform: Enabling) -> None:
    """Once it has gone through, the policies go: then the plugin is off, and nothing is about to turn it on."""
    props = {**platform.inputs(), "was_on": False}
    platform.destroy(props, props)
    assert platform.served.managed.running is None
    assert not platform.served.managed.enabled
    assert not platform.world.enforcing


def _can_create_pods(platform: Enabling) -> None:
    """As anybody, to all of whom `default` is granted."""
    pod = {"metadata": {"generateName": "cart-", "namespace": "shop", "annotations": {}}, "spec": {"containers": []}}
    creator = Identity(user="jane", groups=frozenset({"system:authenticated"}))
    assert platform.world._admitted(pod, creator).code == 201

"""What was found, and the switch, on every platform whose provider's API has one."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.runtime.rpc import UNKNOWN

from pulumi_pod_security.platforms.switch import EnforcementUndone, SwitchError
from pulumi_pod_security.resources import plugin_field
from tests.standins.faults import every
from tests.unit.support.enabling import Enabling, enabling
from tests.unit.support.inputs import failure, received
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.providers import PACE, Served
from tests.unit.support.world import World

PRIVILEGED = pod_spec(containers=[{"name": "app", "image": "app", "securityContext": {"privileged": True}}])


@pytest.fixture
def platform(provider: Served, world: World, monkeypatch: pytest.MonkeyPatch) -> Enabling:
    """Each platform, with the plugin off."""
    monkeypatch.setattr(plugin_field, "pace_of", lambda _props: PACE)
    return enabling(provider, world)


def test_up_and_destroy(platform: Enabling) -> None:
    """Found off, turned on and proven, turned off again."""
    found, switch = platform.up()
    assert found["was_on"] is False
    assert (switch["enforced"], switch["command"], switch["workloads"]) == (True, "", 1)
    assert platform.world.enforcing
    platform.destroy(found, switch)
    assert not platform.world.enforcing
    assert not platform.served.managed.enabled


def test_what_was_on_stays_on(platform: Enabling) -> None:
    """Whoever turned it on before us keeps it, and the provider is asked for no change."""
    platform.served.managed.begin(True)
    platform.served.managed.settle()
    found, switch = platform.up()
    assert found["was_on"] is True
    platform.destroy(found, switch)
    assert platform.world.enforcing
    assert len(platform.served.managed.changes) == 1


def test_a_surprise_undoes_it_within_the_create(platform: Enabling) -> None:
    """A create that raises leaves nothing in state, so nothing may be left at the provider either."""
    platform.world.lists["/apis/apps/v1/deployments"] = [owner("cart", spec=PRIVILEGED)]
    with pytest.raises(EnforcementUndone, match=r"shop/Deployment/cart(.|\n)*the switch was undone"):
        platform.up()
    assert not platform.served.managed.enabled
    assert not platform.world.enforcing


def test_a_switch_that_was_killed_is_undone_by_what_was_found(platform: Enabling) -> None:
    """There is no switch in the state, and its change still goes on: policies go only after the plugin."""
    found, _ = platform.up()
    platform.served.managed.begin(False)
    platform.served.managed.settle()
    platform.served.managed.begin(True)
    platform.destroy(found, None)
    platform.served.managed.settle()
    assert not platform.world.enforcing


def test_a_preview_refuses_a_cluster_out_of_reach(platform: Enabling) -> None:
    """In one sentence, before anything depends on it."""
    denied = platform.served.provider.denied
    platform.served.standin.script.restart(every(platform.served.provider.read, denied))
    said = failure(platform.found.check({}, platform.inputs()))
    assert said is not None
    assert "no such right" in said


@pytest.mark.parametrize("name", [None, "", " ", 3.0, []])
def test_a_preview_refuses_what_names_no_cluster(platform: Enabling, name: Any) -> None:
    """As an output of something else may turn out to be: the provider's own words would be about another thing."""
    refused = str(failure(platform.found.check({}, platform.inputs(cluster=name))))
    assert refused.startswith("cluster: ")
    assert refused.endswith("; allowed: a name, as the provider writes it")
    assert platform.served.standin.script.calls == []


def test_a_preview_refuses_a_version_without_the_plugin(platform: Enabling) -> None:
    """And says what to use instead."""
    assert failure(platform.found.check({}, platform.inputs())) is None
    platform.served.managed.version = "1.25.6"
    if platform.served.provider.kind == "kapsule":
        platform.served.standin.offered.remove("PodSecurityPolicy")
    assert "pod-security.kubernetes.io/enforce" in str(failure(platform.found.check({}, platform.inputs())))


def test_a_preview_refuses_a_cluster_that_the_program_would_set_back(platform: Enabling) -> None:
    """In the words that say which it is, also while it is yet to be made."""
    platform.served.standin.script.restart()
    said = "prod (gcp:container/cluster:Cluster) is a resource of this program"
    assert failure(platform.found.check({}, platform.inputs(unguarded=said))) == said
    assert failure(platform.found.check({}, platform.inputs(cluster=UNKNOWN, unguarded=said))) == said
    assert platform.served.standin.script.calls == []


def test_a_cluster_yet_to_be_made_is_not_asked_for(platform: Enabling) -> None:
    """Nothing is refused, and nothing is said to be another cluster."""
    found, switch = platform.up()
    platform.served.standin.script.restart()
    unknown = platform.inputs(cluster=UNKNOWN)
    assert failure(platform.found.check({}, unknown)) is None
    for provider, olds in ((platform.found, found), (platform.switch, switch)):
        diff = provider.diff("id", olds, {**unknown, "was_on": UNKNOWN})
        assert (diff.changes, diff.replaces) == (True, None)
    assert platform.served.standin.script.calls == []


def test_another_cluster_is_another_switch(platform: Enabling) -> None:
    """The new one is turned on before the old one is turned off: both are replaced."""
    found, switch = platform.up()
    news = platform.inputs(cluster="other")
    for provider, olds in ((platform.found, found), (platform.switch, switch)):
        diff = provider.diff("id", olds, {**news, "was_on": False})
        assert (diff.changes, diff.replaces) == (True, ["cluster"])


def test_the_same_cluster_spelt_otherwise(platform: Enabling) -> None:
    """It is not replaced, which would turn the plugin off at the end; still found off before us, it goes off then."""
    found, switch = platform.up()
    news = platform.inputs(**platform.served.provider.spelt)
    for provider, olds in ((platform.found, found), (platform.switch, switch)):
        diff = provider.diff("id", olds, {**news, "was_on": False})
        assert (diff.changes, diff.replaces) == (True, None)
    again = received(platform.found.update("id", found, news).outs or {})
    after = received(platform.switch.update("id", switch, {**news, "was_on": again["was_on"]}).outs or {})
    assert platform.world.enforcing
    platform.destroy(again, after)
    assert not platform.world.enforcing


def test_nothing_changed_is_no_update(platform: Enabling) -> None:
    """A second update leaves both alone."""
    found, switch = platform.up()
    assert not platform.found.diff("id", found, platform.inputs()).changes
    assert not platform.switch.diff("id", switch, {**platform.inputs(), "was_on": False}).changes


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"kubeconfig": "/other"}, id="kubeconfig"),
        pytest.param({"context": "other"}, id="context"),
        pytest.param({"timeout_seconds": 6.0}, id="time-out"),
    ],
)
def test_what_a_delete_needs_is_recorded_anew(platform: Enabling, change: dict[str, Any]) -> None:
    """`delete` gets no others than those recorded."""
    found, switch = platform.up()
    assert platform.found.diff("id", found, {**platform.inputs(), **change}).changes
    assert platform.switch.diff("id", switch, {**platform.inputs(), "was_on": False, **change}).changes


def test_turned_off_by_others(platform: Enabling) -> None:
    """The preview sees it, and the update turns it on again."""
    _, switch = platform.up()
    platform.served.managed.begin(False)
    platform.served.managed.settle()
    news = {**platform.inputs(), "was_on": False}
    assert platform.switch.diff("id", switch, news).changes
    assert (platform.switch.update("id", switch, news).outs or {})["enforced"] is True
    assert platform.world.enforcing


def test_found_on_and_turned_off_by_others_since(platform: Enabling) -> None:
    """Then it is we who turn it on, and off at the end."""
    platform.served.managed.begin(True)
    platform.served.managed.settle()
    found, switch = platform.up()
    platform.served.managed.begin(False)
    platform.served.managed.settle()
    assert platform.found.diff("id", found, platform.inputs()).changes
    again = platform.found.update("id", found, platform.inputs()).outs or {}
    assert again["was_on"] is False
    assert platform.switch.diff("id", switch, {**platform.inputs(), "was_on": False}).changes


def test_once_found_off_it_is_never_recorded_as_on(platform: Enabling) -> None:
    """What is on now is our doing."""
    found, _ = platform.up()
    assert (platform.found.update("id", found, platform.inputs()).outs or {})["was_on"] is False


def test_destroy_fails_while_the_provider_refuses(platform: Enabling) -> None:
    """Grants and policies stay as long as the plugin may be on."""
    found, switch = platform.up()
    platform.served.standin.script.restart(every(platform.served.provider.change, platform.served.provider.denied))
    with pytest.raises(SwitchError, match="no such right"):
        platform.destroy(found, switch)
    platform.served.standin.script.restart()
    platform.destroy(found, switch)
    assert not platform.world.enforcing


def test_progress_reaches_the_terminal_once(platform: Enabling) -> None:
    """However many providers one process has."""
    told = logging.getLogger("pulumi_pod_security.platforms")
    try:
        for provider in (platform.found, platform.switch):
            provider.configure(ConfigureRequest(config=None))  # type: ignore[arg-type]
        assert [type(handler) for handler in told.handlers] == [logging.StreamHandler]
        assert told.isEnabledFor(logging.INFO)
    finally:
        told.handlers.clear()
        told.setLevel(logging.NOTSET)

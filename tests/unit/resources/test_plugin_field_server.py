"""The kubeconfig and the provider must mean one cluster, or one would get the plugin without a policy."""

from __future__ import annotations

import pytest
from pulumi.runtime.rpc import UNKNOWN

from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.resources import plugin_field
from tests.unit.support.enabling import Enabling, enabling
from tests.unit.support.inputs import failure
from tests.unit.support.providers import PACE, Served
from tests.unit.support.world import World

ELSEWHERE = "prod.example.com"


@pytest.fixture
def platform(provider: Served, world: World, monkeypatch: pytest.MonkeyPatch) -> Enabling:
    """Each platform, with the plugin off."""
    monkeypatch.setattr(plugin_field, "pace_of", lambda _props: PACE)
    return enabling(provider, world)


def test_a_preview_refuses_the_kubeconfig_of_another_cluster(platform: Enabling) -> None:
    """With both addresses, and the command that makes the right kubeconfig."""
    platform.served.managed.address = ELSEWHERE
    said = failure(platform.found.check({}, platform.inputs())) or ""
    assert f"has its API server at {ELSEWHERE!r}, but the given kubeconfig leads to {platform.world.address!r}" in said
    assert {
        "gke": "gcloud container clusters get-credentials prod --location=europe-west1 --project=shop-1234;",
        "aks": "az aks get-credentials --subscription=00000000-1111-2222-3333-444444444444 --resource-group=shop "
        "--name=prod;",
        "kapsule": "scw k8s kubeconfig install 11111111-2222-3333-4444-555555555555 region=fr-par;",
    }[platform.served.provider.kind] in said


def test_an_update_refuses_it_once_more_before_the_switch(platform: Enabling) -> None:
    """The kubeconfig may lead elsewhere since the preview: the provider is asked for no change."""
    found, switch = platform.up()
    platform.served.managed.begin(False)
    platform.served.managed.settle()
    platform.served.managed.address = ELSEWHERE
    news = {**platform.inputs(), "was_on": found["was_on"]}
    with pytest.raises(SwitchError, match=ELSEWHERE):
        platform.switch.create(news)
    with pytest.raises(SwitchError, match=ELSEWHERE):
        platform.switch.update("id", switch, news)
    assert not platform.served.managed.enabled
    assert len(platform.served.managed.changes) == 2


def test_a_tunnel_is_vouched_for(platform: Enabling) -> None:
    """Its address counts instead of what the provider tells."""
    platform.served.managed.address = ELSEWHERE
    assert failure(platform.found.check({}, platform.inputs(server=platform.world.address))) is None
    _, switch = platform.up(server=platform.world.address)
    assert switch["enforced"] is True
    said = failure(platform.found.check({}, platform.inputs(server="https://127.0.0.1:1")))
    assert f"server: 'https://127.0.0.1:1' is vouched for as {platform.served.field()._api.where}" in str(said)


def test_what_is_vouched_for_changes_in_place(platform: Enabling) -> None:
    """It is the same cluster, so the plugin stays on; it is verified by the new address."""
    found, switch = platform.up()
    news = platform.inputs(server=platform.world.address)
    for provider, olds in ((platform.found, found), (platform.switch, switch)):
        diff = provider.diff("id", olds, {**news, "was_on": False})
        assert (diff.changes, diff.replaces) == (True, None)


def test_a_kubeconfig_not_known_yet(platform: Enabling) -> None:
    """One that the same program makes is compared in the update."""
    platform.served.managed.address = ELSEWHERE
    assert failure(platform.found.check({}, platform.inputs(kubeconfig=UNKNOWN))) is None


def test_a_kubeconfig_that_cannot_be_used(platform: Enabling) -> None:
    """It is refused in words."""
    said = failure(platform.found.check({}, platform.inputs(kubeconfig="/nonexistent")))
    assert said == "kubeconfig /nonexistent: cannot be used: there is no such file"


def test_destroy_needs_no_address(platform: Enabling) -> None:
    """Whoever vouched for nothing is not kept from the way back."""
    found, switch = platform.up()
    platform.served.managed.address = ELSEWHERE
    platform.destroy(found, switch)
    assert not platform.served.managed.enabled

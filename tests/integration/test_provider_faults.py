"""Every call to a provider's API going wrong, with a real API server behind the provider.

One fault for each call of `up`, one for each call of `destroy`, of alternating kinds. Afterwards every granted subject
can create pods, and the next run ends right. Every kind for every call, against a stand-in of the cluster, is tried in
tests/unit/resources/test_plugin_field_faults.py. All platforms and all kinds:

    POD_SECURITY_FAULTS=all scripts/test tests/integration/test_provider_faults.py \\
        tests/unit/resources/test_plugin_field_faults.py
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pulumi_pod_security.platforms.moving import Pace
from pulumi_pod_security.resources import plugin_field
from tests.integration.support.enabling import Enabled, enabled
from tests.integration.support.sight import Sight
from tests.standins.faults import How, Plan, nth
from tests.unit.support.providers import PROVIDERS, Provider, Served, served

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

PACE = Pace(timeout=120, look=5, request=1, poll=0.5)
HOWS = (How.STATUS, How.DROP, How.LOSE, How.HANG)


@pytest.fixture(scope="module")
def standins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one certificate that a process trusts."""
    return tmp_path_factory.mktemp("standins")


@pytest.fixture(params=PROVIDERS, ids=[provider.kind for provider in PROVIDERS])
def platform(
    request: pytest.FixtureRequest,
    standins: Path,
    sight: Sight,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Enabled]:
    """Each platform, with the plugin off and a provider that is soon given up."""
    monkeypatch.setattr(plugin_field, "pace_of", lambda _props: PACE)
    with served(request.param, standins, monkeypatch) as found:
        yield enabled(found, sight, tmp_path)


@pytest.mark.timeout(1800)
def test_every_call_going_wrong(platform: Enabled, figure: Callable[[str], None]) -> None:
    """Nobody is locked out at any time, and every second try goes through."""
    calls = itertools.count()
    ups = destroys = 0
    for number in calls:
        went = platform.up(_plan(platform.served, number))
        hit = bool(platform.met)
        platform.can_create_pods()
        assert went or platform.up(_plan(platform.served, -1))
        ups += hit

        gone = platform.destroy(_plan(platform.served, number))
        hit_too = bool(platform.met)
        platform.can_create_pods()
        assert gone or platform.destroy(_plan(platform.served, -1))
        destroys += hit_too
        if not hit and not hit_too:
            break
    figure(f"{platform.served.provider.kind}: {ups} calls of up, {destroys} of destroy")
    assert ups >= 6
    assert destroys >= 5
    for namespace in ("kube-system", "shop"):
        assert platform.sight.refused_pods(namespace) == []


def _plan(served: Served, number: int) -> Plan:
    """The fault of that call: refused for good at every fifth, and passing at the others."""
    provider: Provider = served.provider
    if number % (len(HOWS) + 1) == len(HOWS):
        return nth(number, provider.denied)
    return nth(number, dataclasses.replace(provider.throttled, how=HOWS[number % len(HOWS)]))

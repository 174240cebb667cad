"""What only Scaleway's API has: a list of names, two variables with credentials, requests that cannot be taken back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.kapsule import kapsule_field
from pulumi_pod_security.platforms.moving import ProviderField
from pulumi_pod_security.platforms.switch import SwitchError
from tests.standins.faults import Fault, How, first, nth
from tests.standins.kapsule import CLUSTER, REGION, SECRET_KEY, KapsuleStandin, serve
from tests.standins.managed import Managed
from tests.unit.support.providers import PACE
from tests.unit.support.telling import told
from tests.unit.support.world import kubeconfig

ON = ["AlwaysPullImages", "PodNodeSelector", "PodSecurityPolicy"]


@pytest.fixture
def kapsule(monkeypatch: pytest.MonkeyPatch) -> Iterator[KapsuleStandin]:
    """One cluster, with two other plugins."""
    with serve(Managed()) as standin:
        for name, value in standin.environment.items():
            monkeypatch.setenv(name, value)
        yield standin


def field(cluster: str = CLUSTER, region: str = REGION, **pace: float) -> ProviderField:
    """The cluster's field, with nothing remembered."""
    return kapsule_field(region=region, cluster=cluster, pace=dataclasses.replace(PACE, **pace))


def test_only_our_name_is_changed(kapsule: KapsuleStandin) -> None:
    """The other plugins stay, in their order, also those that were added since we came."""
    field().enable()
    kapsule.others.append("EventRateLimit")
    field().disable()
    assert kapsule.sent == [{"admission_plugins": ON}, {"admission_plugins": [*ON[:2], "EventRateLimit"]}]


def test_the_last_name_of_the_list(kapsule: KapsuleStandin) -> None:
    """An empty list is sent as one, which is not the same as sending none."""
    kapsule.others.clear()
    field().enable()
    field().disable()
    assert kapsule.sent[-1] == {"admission_plugins": []}


def test_a_cluster_is_named_with_or_without_its_region(kapsule: KapsuleStandin) -> None:
    """Pulumi's own resource has the region in its id."""
    assert field(f"{REGION}/{CLUSTER}").is_enabled() is field().is_enabled() is False
    assert len(kapsule.script.calls) == 2


@pytest.mark.parametrize("address", ["", "staging.api.k8s.fr-par.scw.cloud"])
def test_the_address_that_scaleway_tells(kapsule: KapsuleStandin, address: str) -> None:
    """The host of the cluster's URL; one that is being made may have none yet."""
    connection = Connection(kubeconfig=kubeconfig("https://prod.api.k8s.fr-par.scw.cloud:6443"))
    kapsule.managed.address = "prod.api.k8s.fr-par.scw.cloud"
    field().require_kubeconfig(connection, None)
    kapsule.managed.address = address
    with pytest.raises(SwitchError, match=r"staging\.api|has told no address"):
        field().require_kubeconfig(connection, None)


def test_a_version_no_longer_on_offer_tells_nothing(kapsule: KapsuleStandin) -> None:
    """Whether its clusters may still have the plugin only the change itself shows."""
    kapsule.managed.version = "1.30.0-not-listed"
    kapsule.offered = ["PodSecurityPolicy"]
    field().require_plugin()


@pytest.mark.parametrize("code", [502, 504])
def test_an_answer_that_is_no_json_is_none(kapsule: KapsuleStandin, code: int) -> None:
    """What stands before the API says so in HTML, and passes."""
    kapsule.script.restart(first("GET", Fault(code=code, kind="html", message="<html>bad gateway</html>")))
    assert not field().is_enabled()


def test_a_cluster_that_is_not_there(kapsule: KapsuleStandin) -> None:
    """The command that shows those there are is named."""
    other = CLUSTER.replace("1", "9")
    with pytest.raises(SwitchError, match=rf"{other}.*404.*resource is not found.*scw k8s cluster list region=fr-par"):
        field(other).is_enabled()
    assert kapsule.script.calls == ["GET"]


@pytest.mark.parametrize("name", ["SCW_ACCESS_KEY", "SCW_SECRET_KEY"])
@pytest.mark.parametrize("value", [None, "planted-but-malformed"])
def test_credentials_missing_or_malformed(
    kapsule: KapsuleStandin, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    """Scaleway's own words would show them; ours say how they are set."""
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SwitchError, match="missing or malformed; set SCW_ACCESS_KEY and SCW_SECRET_KEY") as refused:
        field().is_enabled()
    assert "planted" not in told(refused.value)
    assert SECRET_KEY not in told(refused.value)
    assert kapsule.script.calls == []


def test_a_request_given_up_may_still_arrive(kapsule: KapsuleStandin) -> None:
    """The SDK cannot take it back: while it could still turn the plugin on, off is not off."""
    kapsule.script.restart(first("PATCH", Fault(how=How.LATE)))
    moved = field(timeout=3, request=0.5)
    kapsule.managed.ignores = True
    with pytest.raises(SwitchError, match="did not do it"):
        moved.enable()
    kapsule.managed.ignores = False
    with pytest.raises(SwitchError, match="an earlier request to the contrary was given up and may still arrive"):
        moved.disable()
    kapsule.script.let.set()
    moved.disable()
    assert kapsule.sent[0] == {"admission_plugins": ON}
    assert not kapsule.managed.enabled


_JSON = {"Content-Type": "application/json"}
_OTHER = '{"id": "another", "status": "ready"}'
_NO_LIST = f'{{"id": "{CLUSTER}", "admission_plugins": "PodSecurityPolicy"}}'


@pytest.mark.parametrize(
    "body",
    ["null", "[]", "3", "{}", f"{{{_OTHER}}}", f'{{"id": "{CLUSTER}", "admission_plugins": "PodSecurityPolicy"}}'],
)
def test_an_answer_that_is_no_cluster_tells_nothing(kapsule: KapsuleStandin, body: str) -> None:
    """The list that is sent is the one that was read: one read out of nonsense would take the other names away."""
    nonsense = Fault(code=200, kind="html", message=body, headers=_JSON)
    kapsule.script.restart(first("GET", nonsense, nonsense))
    field().enable()
    assert kapsule.sent == [{"admission_plugins": ON}]


@pytest.mark.parametrize("offered", ["3", '"PodNodeSelector"', "[null]"])
def test_a_version_that_offers_nonsense_tells_nothing(kapsule: KapsuleStandin, offered: str) -> None:
    """As one that is offered no more."""
    version = f'{{"name": "1.24.17", "available_admission_plugins": {offered}}}'
    nonsense = Fault(code=200, kind="html", message=f'{{"versions": [{version}]}}', headers=_JSON)
    kapsule.script.restart(nth(1, nonsense))
    field().require_plugin()

"""What only Azure's API has: the whole cluster in a change, a condition on it, API versions that retire."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.aks import aks_field
from pulumi_pod_security.platforms.moving import ProviderField
from pulumi_pod_security.platforms.switch import SwitchError
from tests.standins.aks import (
    CLUSTER,
    IDENTITY_HEADER,
    RESOURCE_GROUP,
    SUBSCRIPTION,
    TOKEN,
    AksStandin,
    serve,
)
from tests.standins.faults import Fault, first, nth
from tests.standins.managed import Managed
from tests.unit.support.providers import PACE
from tests.unit.support.telling import told
from tests.unit.support.world import kubeconfig

READ_ONLY = ("id", "name", "type", "eTag")


@pytest.fixture
def aks(standins: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AksStandin]:
    """One cluster."""
    with serve(Managed(), standins) as standin:
        for name, value in standin.environment.items():
            monkeypatch.setenv(name, value)
        yield standin


def field(aks: AksStandin, **place: str) -> ProviderField:
    """The cluster's field, with nothing remembered."""
    usual = {"subscription": SUBSCRIPTION, "resource_group": RESOURCE_GROUP, "cluster": CLUSTER, "endpoint": aks.url}
    return aks_field(**{**usual, **place}, pace=PACE)


def test_everything_else_is_sent_back(aks: AksStandin) -> None:
    """What the SDK knows nothing of too, and what is null; a full replacement would reset what is left out."""
    field(aks).enable()
    wanted: dict[str, Any] = copy.deepcopy({k: v for k, v in aks.document.items() if k not in READ_ONLY})
    wanted["properties"] |= {"enablePodSecurityPolicy": True, "kubernetesVersion": "1.24.17"}
    assert aks.sent == [wanted]


def test_every_address_that_azure_tells(aks: AksStandin) -> None:
    """Public, private, and the one for the portal."""
    aks.managed.address = "prod-1.hcp.westeurope.azmk8s.io"
    private, portal = "prod-1.uid.privatelink.westeurope.azmk8s.io", "prod-1.portal.hcp.westeurope.azmk8s.io"
    aks.document["properties"] |= {"privateFQDN": private, "azurePortalFQDN": portal}
    for host in (aks.managed.address, private, portal):
        field(aks).require_kubeconfig(Connection(kubeconfig=kubeconfig(f"https://{host}:443")), None)
    with pytest.raises(SwitchError, match=r"one of 'prod-1\.hcp\..*', 'prod-1\.uid\..*', 'prod-1\.portal\..*', but"):
        field(aks).require_kubeconfig(Connection(kubeconfig=kubeconfig("https://staging.azmk8s.io")), None)


def test_a_change_by_others_in_between(aks: AksStandin) -> None:
    """Sent on condition that nobody changed it: read again and sent again, with what they changed."""

    def change(_number: int, name: str) -> None:
        if name == "PUT" and not aks.sent and aks.revision == 1:
            aks.document["tags"]["team"] = "others"
            aks.revision = 2

    aks.script.restart(change)
    field(aks).enable()
    assert [sent["tags"] for sent in aks.sent] == [{"team": "others"}]
    assert aks.script.calls.count("PUT") == 2


def test_without_an_operation_the_cluster_tells(aks: AksStandin) -> None:
    """Its provisioningState says when it is done, and how it ended."""
    aks.asynchronous = False
    aks.managed.fails.append("no")
    with pytest.raises(SwitchError, match="ended with provisioningState Failed; mend what its console says"):
        field(aks).enable()
    field(aks).enable()
    assert aks.managed.enabled


def test_a_failed_cluster_is_sent_once_more(aks: AksStandin) -> None:
    """A cluster that says so in a failed state need not be so; Azure's own remedy is another update."""
    aks.managed.fails.append("no")
    with pytest.raises(SwitchError, match="the update is Failed: ControlPlaneUpdateFailed: no; mend that"):
        field(aks).enable()
    aks.managed.enabled = True
    field(aks).enable()
    assert len(aks.sent) == 2


def test_an_operation_that_is_gone(aks: AksStandin) -> None:
    """The cluster itself tells what came of it."""
    aks.script.restart(nth(2, Fault(code=404, kind="NotFound")))
    field(aks).enable()
    assert aks.managed.enabled


def test_a_service_that_knows_the_property_no_more(aks: AksStandin) -> None:
    """It takes the change and drops the property."""
    aks.knows = False
    with pytest.raises(SwitchError, match="did not do it; use Pod Security Standards there"):
        field(aks).enable()


def test_an_api_version_that_is_retired(aks: AksStandin) -> None:
    """The last one with the property is gone, and with it the property."""
    aks.retired = True
    with pytest.raises(SwitchError, match=r"no longer has the API version 2025-02-01.*Pod Security Standards"):
        field(aks).require_plugin()


def test_a_cluster_that_is_not_there(aks: AksStandin) -> None:
    """The command that shows those there are is named."""
    with pytest.raises(SwitchError, match=r"cluster other .*404 ResourceNotFound: The resource was.*az aks list"):
        field(aks, cluster="other").is_enabled()


def test_an_endpoint_without_tls(aks: AksStandin) -> None:
    """No token is sent there, and nobody waits for it."""
    with pytest.raises(SwitchError, match=r"endpoint: 'http://localhost.*allowed: an https:// address"):
        field(aks, endpoint=aks.url.replace("https", "http")).is_enabled()


def test_no_identity(aks: AksStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    """What gives one is named, and no header of ours is shown."""
    monkeypatch.setenv("IDENTITY_HEADER", "planted-and-wrong")
    with pytest.raises(SwitchError, match="run: az login") as refused:
        field(aks).is_enabled()
    assert "planted" not in told(refused.value)
    assert aks.script.calls == []


def test_a_token_that_is_refused(aks: AksStandin) -> None:
    """It is not shown."""
    aks.script.restart(first("GET", Fault(code=401, kind="ExpiredAuthenticationToken", message="The token expired.")))
    with pytest.raises(SwitchError, match=r"The token expired.*az login") as refused:
        field(aks).is_enabled()
    assert not [secret for secret in (TOKEN, IDENTITY_HEADER) if secret in told(refused.value)]


@pytest.mark.parametrize("body", ["", "<html>", "null", "[]", "3", "{}", '{"error": "away"}', '{"properties": {}}'])
def test_an_answer_that_is_no_cluster_tells_nothing(aks: AksStandin, body: str) -> None:
    """Least of all that the plugin was off before us; a proxy's page passes."""
    aks.managed.enabled = True
    nonsense = Fault(code=200, kind="html", message=body, headers={"Content-Type": "application/json"})
    aks.script.restart(first("GET", nonsense, nonsense))
    assert field(aks).is_enabled()
    assert aks.script.calls == ["GET"] * 3


@pytest.mark.parametrize("body", ["", "null", "[1]", "3", '{"status": 3, "error": "x"}'])
def test_an_answer_that_is_no_operation_tells_nothing(aks: AksStandin, body: str) -> None:
    """It is asked for again."""
    nonsense = Fault(code=200, kind="html", message=body, headers={"Content-Type": "application/json"})
    # The cluster is read, then changed, and then the operation is followed.
    aks.script.restart(nth(2, nonsense))
    field(aks).enable()
    assert aks.managed.enabled

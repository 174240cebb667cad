"""What only Google's API has: operations with reasons, one field in an update, and Application Default Credentials."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.cloud.container_v1beta1 import types

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.gke import GkeApi, gke_field
from pulumi_pod_security.platforms.moving import ProviderField
from pulumi_pod_security.platforms.switch import SwitchError
from tests.standins.faults import Fault, every, first
from tests.standins.gke import CLUSTER, LOCATION, PROJECT, GkeStandin, serve
from tests.standins.managed import Managed
from tests.unit.support.providers import PACE
from tests.unit.support.telling import told
from tests.unit.support.world import kubeconfig


@pytest.fixture
def gke(standins: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GkeStandin]:
    """One cluster."""
    with serve(Managed(), standins) as standin:
        for name, value in standin.environment.items():
            monkeypatch.setenv(name, value)
        yield standin


def field(gke: GkeStandin, cluster: str = CLUSTER) -> ProviderField:
    """The cluster's field, with nothing remembered."""
    return gke_field(project=PROJECT, location=LOCATION, cluster=cluster, api_endpoint=gke.endpoint, pace=PACE)


def test_one_field_in_an_update(gke: GkeStandin) -> None:
    """Google takes no more; and off travels as off, not as nothing."""
    field(gke).enable()
    field(gke).disable()
    assert gke.sent == [{"desired_pod_security_policy_config": each} for each in (True, False)]


def test_a_full_name_is_a_name_too(gke: GkeStandin) -> None:
    """Pulumi's own resource has it as its id."""
    assert not field(gke, f"projects/{PROJECT}/locations/{LOCATION}/clusters/{CLUSTER}").is_enabled()


def test_every_address_that_google_tells(gke: GkeStandin) -> None:
    """Public, private and by name; older private clusters tell them in a place of their own."""
    gke.managed.address = "192.0.2.1"
    gke.more = {
        "private_cluster_config": {"public_endpoint": "192.0.2.2", "private_endpoint": "192.0.2.3"},
        "control_plane_endpoints_config": {
            "ip_endpoints_config": {"public_endpoint": "192.0.2.4", "private_endpoint": "192.0.2.5"},
            "dns_endpoint_config": {"endpoint": "gke-1234.europe-west1.gke.goog"},
        },
    }
    for host in (*(f"192.0.2.{number}" for number in range(1, 6)), "gke-1234.europe-west1.gke.goog"):
        field(gke).require_kubeconfig(Connection(kubeconfig=kubeconfig(f"https://{host}")), None)
    with pytest.raises(SwitchError, match=r"one of '192\.0\.2\.1', .*'gke-1234\.europe-west1\.gke\.goog', but"):
        field(gke).require_kubeconfig(Connection(kubeconfig=kubeconfig("https://192.0.2.6")), None)


def test_googles_public_api_is_the_default(gke: GkeStandin) -> None:
    """Without an endpoint of one's own the SDK's is taken."""
    assert gke
    api = GkeApi(project=PROJECT, location=LOCATION, cluster=CLUSTER)
    assert api._client.transport.host == "container.googleapis.com:443"


def test_an_operation_that_is_gone(gke: GkeStandin) -> None:
    """Google keeps them for a while; the cluster itself tells what came of it."""
    gke.script.restart(every("GetOperation", Fault(code="NOT_FOUND", message="Not found: operation-1.")))
    field(gke).enable()
    assert gke.managed.enabled


def test_another_precondition_is_a_refusal(gke: GkeStandin) -> None:
    """Only another operation passes by itself."""
    words = "Cluster is in state ERROR."
    gke.script.restart(first("UpdateCluster", Fault(code="FAILED_PRECONDITION", message=words)))
    with pytest.raises(SwitchError, match=r"refuses \(FAILED_PRECONDITION\): Cluster is in state ERROR\.; mend that"):
        field(gke).enable()


def test_a_cluster_that_is_not_there(gke: GkeStandin) -> None:
    """The command that shows those there are is named."""
    with pytest.raises(SwitchError, match=r"clusters/other: .*NOT_FOUND.*gcloud container clusters list"):
        field(gke, "other").is_enabled()


@pytest.mark.parametrize("content", [None, '{"type": "service_account", "private_key": "planted"}', "planted {"])
def test_credentials_missing_or_malformed(
    gke: GkeStandin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str | None
) -> None:
    """Their file is not quoted; what makes new ones is named."""
    file = tmp_path / "account.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(SwitchError, match="gcloud auth application-default login") as refused:
        field(gke).is_enabled()
    assert "planted" not in told(refused.value)
    assert gke.script.calls == []


def test_words_newer_than_the_sdk(gke: GkeStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state, or a kind of operation, that Google has come to have since arrives as its number."""
    cluster, operation = GkeStandin.get_cluster, GkeStandin._operation

    def newer(found: Any, **numbers: int) -> Any:
        for name, number in numbers.items():
            setattr(type(found).pb(found), name, number)
        return found

    monkeypatch.setattr(gke, "get_cluster", lambda *asked: newer(cluster(gke, *asked), status=99))
    monkeypatch.setattr(gke, "_operation", lambda number: newer(operation(gke, number), operation_type=999))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        field(gke).enable()
        assert field(gke).is_settled_enabled()
        gke.managed.fails.append("no")
        with pytest.raises(SwitchError, match="999 failed: no"):
            field(gke).disable()


def test_another_cluster_tells_nothing(gke: GkeStandin, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty answer is a cluster without a name, and is no proof that the plugin was off before us."""
    answers = [types.Cluster()]
    cluster = GkeStandin.get_cluster
    monkeypatch.setattr(gke, "get_cluster", lambda *asked: answers.pop() if answers else cluster(gke, *asked))
    assert not field(gke).is_enabled()
    assert gke.script.calls == ["GetCluster"] * 2

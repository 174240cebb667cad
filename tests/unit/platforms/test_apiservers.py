"""Several API servers are refused with their addresses; one, or none that can be told, is let pass."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.platforms.apiservers import ENDPOINTS_RIGHT, require_single_apiserver
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import kubeconfig

PATH = "/api/v1/namespaces/default/endpoints/kubernetes"


def required(reply: Reply) -> None:
    """Require a single API server of a cluster that answers so about the Endpoints, and knows nothing else."""

    def answer(call: Call) -> Reply:
        return reply if call.path == PATH else Reply(code=500)

    with serving(answer) as address:
        require_single_apiserver(Cluster(Connection(kubeconfig=kubeconfig(address)).open()))


def subset(*addresses: str) -> dict[str, Any]:
    """A subset of Endpoints as an API server writes it."""
    ports = [{"name": "https", "port": 6443, "protocol": "TCP"}]
    return {"addresses": [{"ip": address} for address in addresses], "ports": ports}


@pytest.mark.parametrize(
    "subsets",
    [
        pytest.param([subset("10.0.0.12", "10.0.0.11")], id="one-subset"),
        pytest.param([subset("10.0.0.11"), subset("10.0.0.12")], id="ports-differ"),
    ],
)
def test_several_api_servers_are_refused_by_address(subsets: list[Any]) -> None:
    """The message has every address, why it matters and what to do instead."""
    with pytest.raises(SwitchError) as error:
        required(Reply(body={"subsets": subsets}))
    assert str(error.value).partition(" has ")[2] == (
        "2 API servers (10.0.0.11, 10.0.0.12), and the manifests of one node switch only that node's; leave them out "
        "(in a program `node`, in a stack's configuration `manifests`), so that only the configuration is changed, and "
        "run what is then stated for each control-plane node"
    )


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Reply(body={"subsets": [subset("10.0.0.11")]}), id="one"),
        pytest.param(Reply(body={"subsets": [subset("10.0.0.11"), subset("10.0.0.11")]}), id="one-on-two-ports"),
        pytest.param(Reply(body={"subsets": [{"ports": []}]}), id="no-addresses"),
        pytest.param(Reply(body={"subsets": None}), id="null"),
        pytest.param(Reply(body={}), id="no-subsets"),
        pytest.param(Reply(code=403, body={"message": "forbidden"}), id="forbidden"),
        pytest.param(Reply(code=404, body={"message": "not found"}), id="not-there"),
    ],
)
def test_one_api_server_or_none_that_can_be_told_passes(reply: Reply) -> None:
    """A kubeconfig that may not read this is refused elsewhere, by the right it lacks."""
    required(reply)
    assert str(ENDPOINTS_RIGHT) == "get endpoints"


def test_a_server_that_fails_is_an_error() -> None:
    """An answer that says nothing about API servers is not taken for a single one."""
    with pytest.raises(Refused, match="busy"):
        required(Reply(code=429, body={"message": "busy"}))

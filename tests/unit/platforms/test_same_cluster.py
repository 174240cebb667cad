"""The one cluster that both the kubeconfig and the provider must mean."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.platforms.same_cluster import ProviderCluster
from pulumi_pod_security.platforms.switch import SwitchError
from tests.unit.support.world import kubeconfig

TUNNEL = "https://127.0.0.1:16443"


def cluster(*servers: str) -> ProviderCluster:
    """A cluster with those addresses."""
    return ProviderCluster(where="the cluster prod", servers=servers, command="cloud get-credentials prod")


def leads_to(server: str, context: str | None = None) -> Connection:
    """A kubeconfig."""
    return Connection(kubeconfig=kubeconfig(server), context=context)


@pytest.mark.parametrize(
    ("server", "told"),
    [
        pytest.param("https://192.0.2.1", "192.0.2.1", id="an IP"),
        pytest.param("https://PROD.example.com:443/", "prod.example.com", id="a name in capitals"),
        pytest.param("https://prod.example.com.", "prod.example.com", id="a name with its dot"),
        pytest.param("https://prod.example.com:6443", "https://prod.example.com:6443", id="a URL"),
        pytest.param("https://[2001:db8::1]:6443", "https://[2001:db8::1]:6443", id="IPv6"),
    ],
)
def test_an_address_of_the_provider(server: str, told: str) -> None:
    """Any of those that it tells; the port is not told by all of them."""
    cluster("", "other.example.com", told).require(leads_to(server), None)


@pytest.mark.parametrize("server", ["https://staging.example.com", "https://prod.example.com.evil.example", TUNNEL])
def test_any_other_address(server: str) -> None:
    """One sentence: both values, what is allowed, the command, and the way out for a tunnel."""
    with pytest.raises(SwitchError) as refused:
        cluster("", "192.0.2.1", "prod.example.com", "192.0.2.1").require(leads_to(server, "standin"), None)
    assert str(refused.value) == (
        "cluster: the cluster prod has its API server at one of '192.0.2.1', 'prod.example.com', but the given "
        f"kubeconfig (context 'standin') leads to {server!r}, so that policies would be in one cluster and the plugin "
        "in another; allowed: a kubeconfig of the same cluster, as of: cloud get-credentials prod; or, only where "
        f"{server!r} is a tunnel or proxy to it, server={server!r}"
    )


def test_a_provider_that_tells_no_address() -> None:
    """Nothing can be compared, so nothing goes on."""
    with pytest.raises(SwitchError, match="the cluster prod has told no address of its API server yet, but"):
        cluster("", "").require(leads_to("https://192.0.2.1"), None)


@pytest.mark.parametrize("vouched", [TUNNEL, f"{TUNNEL}/", TUNNEL.upper()])
def test_a_tunnel_that_is_vouched_for(vouched: str) -> None:
    """It counts instead of what the provider tells."""
    cluster("192.0.2.1").require(leads_to(TUNNEL), vouched)


@pytest.mark.parametrize("elsewhere", ["https://127.0.0.1:16444", "https://192.0.2.1", f"{TUNNEL}/other"])
def test_a_kubeconfig_that_leaves_the_tunnel(elsewhere: str) -> None:
    """Another port or path of a proxy is another cluster; the address to vouch for is shown."""
    with pytest.raises(SwitchError) as refused:
        cluster("192.0.2.1").require(leads_to(elsewhere), TUNNEL)
    assert str(refused.value) == (
        f"server: {TUNNEL!r} is vouched for as the cluster prod, but the given kubeconfig leads to {elsewhere!r}; "
        "allowed: that very address, or no server and a kubeconfig of the cluster itself, as of: "
        "cloud get-credentials prod"
    )


@pytest.mark.parametrize("vouched", ["https://someone:hunter2@127.0.0.1:1/x?k=hunter2", "hunter2", "https://[hunter2"])
def test_what_is_vouched_for_is_shown_without_secrets(vouched: str) -> None:
    """Whoever copies an address with a password does not read it again in an error."""
    with pytest.raises(SwitchError, match=r"^server: 'https://127\.0\.0\.1:1/x'|'no https:// address'") as refused:
        cluster().require(leads_to(TUNNEL), vouched)
    assert "hunter2" not in str(refused.value)

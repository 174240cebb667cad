"""Whether a kubeconfig leads to the cluster that a provider's API tells of.

Policies and their proof go by the kubeconfig, the plugin goes by the provider: were they two clusters, one would get
the plugin without a policy, which lets no pod in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from urllib3.exceptions import LocationValueError
from urllib3.util import parse_url

from pulumi_pod_security.cluster.connection import Connection, plain_address
from pulumi_pod_security.errors import one_of
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["ProviderCluster"]


@dataclass(frozen=True, kw_only=True)
class ProviderCluster:
    """A cluster as its provider tells of it.

    Attributes:
        where: what errors call it.
        servers: the addresses of its API server, as hosts or URLs; empty ones are none.
        command: what makes a kubeconfig of it.
    """

    where: str
    servers: tuple[str, ...]
    command: str

    def require(self, connection: Connection, vouched: str | None) -> None:
        """Refuse a kubeconfig that leads to another API server.

        Args:
            connection: the kubeconfig.
            vouched: the address of a tunnel or proxy to this cluster, which counts instead of the provider's.

        Raises:
            ClusterError: the kubeconfig cannot be used.
            SwitchError: it leads elsewhere.
        """
        address = connection.open().address
        if vouched is None:
            if _host(address) not in map(_host, filter(None, self.servers)):
                raise SwitchError(self._elsewhere(connection, address))
        elif _plain(vouched) != _plain(address):
            raise SwitchError(
                f"server: {_plain(vouched)!r} is vouched for as {self.where}, but {_led(connection)} {address!r}; "
                "allowed: that very address, or no server and a kubeconfig of the cluster itself, as of: "
                f"{self.command}"
            )

    def _elsewhere(self, connection: Connection, address: str) -> str:
        told = f"has its API server at {one_of(_unique(map(_host, filter(None, self.servers))))}"
        return (
            f"cluster: {self.where} {told if any(self.servers) else 'has told no address of its API server yet'}, but "
            f"{_led(connection)} {address!r}, so that policies would be in one cluster and the plugin in another; "
            f"allowed: a kubeconfig of the same cluster, as of: {self.command}; or, only where {address!r} is a tunnel "
            f"or proxy to it, server={address!r}"
        )


def _led(connection: Connection) -> str:
    context = f" (context {connection.context!r})" if connection.context else ""
    return f"{connection.named}{context} leads to"


def _plain(address: str) -> str:
    """The address as it is compared and shown, which it never is with a password in it."""
    try:
        return (plain_address(address) or "no https:// address").lower()
    except LocationValueError:
        return "no https:// address"


def _host(server: str) -> str:
    """The host of an address or a URL; DNS tells no case, and a dot at the end says only that a name is whole."""
    try:
        return (parse_url(server).host or server).lower().rstrip(".")
    except LocationValueError:
        return server


def _unique(hosts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hosts))

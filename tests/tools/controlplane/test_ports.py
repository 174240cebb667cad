"""Choosing and checking loopback ports."""

import os
import socket
from collections.abc import Iterator

import pytest

from tools.controlplane.ports import EPHEMERAL_RANGE, held_ports, holder, is_free


@pytest.fixture
def listener() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_ports_are_distinct_and_never_given_to_clients() -> None:
    """A port from the ephemeral range could be taken by a reconnecting client while its server restarts."""
    first_ephemeral = int(EPHEMERAL_RANGE.read_text().split()[0])
    with held_ports(20) as ports:
        assert len(set(ports)) == 20
        assert max(ports) < first_ephemeral


def test_held_ports_are_nobody_elses() -> None:
    """While one cluster is being made, another one cannot choose the same ports."""
    with held_ports(1) as (port,):
        assert not is_free(port)
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with pytest.raises(OSError, match="in use"):
                other.bind(("127.0.0.1", port))
    assert is_free(port)


def test_a_listening_server_takes_its_port(listener: int) -> None:
    """A port that is listened on is not free, and its holder is named."""
    assert not is_free(listener)
    assert f"(pid {os.getpid()})" in holder(listener)


def test_connections_that_are_over_do_not_take_a_port() -> None:
    """A server can come back although its last connections are still in TIME_WAIT."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        # The server's side closes first and is the one that waits.
        accepted.close()
        client.close()
    assert is_free(port)

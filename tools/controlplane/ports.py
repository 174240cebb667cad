"""Free loopback ports, held until their servers start.

They are taken from below the kernel's ephemeral range: a client that keeps reconnecting to a stopped server can be
given that very port as its own local port, and the server could then never come back.
"""

import contextlib
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import psutil

__all__ = ["LOOPBACK", "held_ports", "holder", "is_free"]

LOOPBACK = "127.0.0.1"
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
SPAN = 12_000


@contextlib.contextmanager
def held_ports(count: int) -> Iterator[tuple[int, ...]]:
    """Bind `count` free ports so that nobody else gets them, and let go of them at the end."""
    with contextlib.ExitStack() as stack:
        candidates = _candidates()
        ports: list[int] = []
        while len(ports) < count:
            port = next(candidates)
            with contextlib.suppress(OSError):
                stack.enter_context(_bound(socket.socket(), port))
                ports.append(port)
        yield tuple(ports)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    server = socket.socket()
    # As Go's servers do: connections in TIME_WAIT do not make a port taken. Held ports go without, or two
    # holders could share one.
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        _bound(server, port).close()
    except OSError:
        return False
    return True


def holder(port: int) -> str:
    """Who listens on the port, as a person would look for it."""
    for connection in psutil.net_connections(kind="tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
            with contextlib.suppress(psutil.Error):
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid})"
    return "another process"


def _bound(server: socket.socket, port: int) -> socket.socket:
    try:
        server.bind((LOOPBACK, port))
    except OSError:
        server.close()
        raise
    return server


def _candidates() -> Iterator[int]:
    first_ephemeral = int(EPHEMERAL_RANGE.read_text().split()[0])
    first = max(1024, first_ephemeral - SPAN)
    return iter(random.sample(range(first, first_ephemeral), first_ephemeral - first))

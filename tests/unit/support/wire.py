"""A server on loopback that says any bytes at any pace, for what no HTTP library would send."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["saying"]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    # A talk that never ends is ended by its client, not by the test.
    block_on_close = False


@contextmanager
def saying(talk: Callable[[threading.Event], Iterable[bytes]]) -> Iterator[str]:
    """Answer each connection's first request with the pieces of `talk`, which is told when the test is over."""
    over = threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            # The client may well hang up in the middle.
            with suppress(OSError):
                for piece in talk(over):
                    if over.is_set():
                        break
                    self.request.sendall(piece)

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()

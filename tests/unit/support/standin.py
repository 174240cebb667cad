"""An HTTP server on loopback whose answers a test decides; it keeps every call it got."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

__all__ = ["Call", "Reply", "serving"]


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, as it came over the wire; a header sent twice is there twice."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: tuple[tuple[str, str], ...]
    body: Any

    def header(self, name: str) -> list[str]:
        """Every value of a header, in the order sent."""
        return [value for given, value in self.headers if given.lower() == name.lower()]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is answered: bytes as they are, anything else as JSON."""

    code: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        """The body on the wire."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # More than ask at once: a connection that finds the queue full is tried again after a second.
    request_queue_size = 64


@contextmanager
def serving(answer: Callable[[Call], Reply]) -> Iterator[str]:
    """Serve `answer` on a free port; the value is the address, such as `http://127.0.0.1:40000`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body go out in two writes; without this each answer waits 40 ms for the client's acknowledgement.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            _reply(self, answer)

        do_DELETE = do_PATCH = do_POST = do_GET  # noqa: N815 - the names are http.server's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Keep quiet."""

    with _Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _reply(handler: BaseHTTPRequestHandler, answer: Callable[[Call], Reply]) -> None:
    data = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = urlsplit(handler.path)
    call = Call(
        method=handler.command,
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        headers=tuple(handler.headers.items()),
        body=json.loads(data) if data else None,
    )
    reply = answer(call)
    handler.send_response(reply.code)
    sent = {"Content-Type": "application/json", "Content-Length": str(len(reply.data)), **reply.headers}
    for name, value in sent.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(reply.data)

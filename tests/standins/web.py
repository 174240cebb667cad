"""An HTTP server on loopback with the faults of a script."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.standins.faults import Fault, How, Script

__all__ = ["Answer", "Request", "serving"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    server: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is answered, as JSON unless it is bytes."""

    code: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients hang up as they like."""


@contextmanager
def serving(
    script: Script,
    credential: str,
    answer: Callable[[Request], Answer],
    refusal: Callable[[Fault], Any],
    context: ssl.SSLContext | None = None,
) -> Iterator[str]:
    """Serve on a free port; the value is the address.

    Args:
        credential: the header that carries a credential.
        refusal: the body of a status, as the provider writes it.
        context: for TLS.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Keep quiet."""

        def _serve(self) -> None:
            request = _request(self, address)
            fault = script.called(request.method, request.headers.get(credential, ""))
            if fault is None:
                _send(self, answer(request))
            elif fault.how is How.STATUS:
                body = fault.message.encode() if fault.kind == "html" else refusal(fault)
                _send(self, Answer(code=int(fault.code), body=body, headers=fault.headers))
            else:
                if fault.how is How.LATE:
                    script.let.wait()
                if fault.how in (How.LOSE, How.LATE):
                    answer(request)
                if fault.how is How.HANG:
                    script.over.wait()
                self.close_connection = True

        do_GET = do_PUT = do_PATCH = do_POST = _serve  # noqa: N815 - the names are http.server's

    with _Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        address = f"{'http' if context is None else 'https'}://localhost:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield address
        finally:
            script.over.set()
            server.shutdown()
            thread.join()


def _request(handler: BaseHTTPRequestHandler, address: str) -> Request:
    data = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = urlsplit(handler.path)
    return Request(
        method=handler.command,
        path=parts.path,
        query=dict(parse_qsl(parts.query)),
        headers={name.lower(): value for name, value in handler.headers.items()},
        body=json.loads(data) if data else None,
        server=address,
    )


def _send(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    handler.send_response(answer.code)
    kind = "text/html" if isinstance(answer.body, bytes) else "application/json"
    for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **answer.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(data)

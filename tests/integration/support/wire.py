"""A plain HTTP way into a real cluster: it notes what is asked, and can lie about an answer or keep one for itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from tools.controlplane import ControlPlane

__all__ = ["Wire", "open_wire"]

_HOP_BY_HOP = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


@dataclass(kw_only=True)
class Wire:
    """What happens on the way.

    Attributes:
        url: where clients connect; whoever does acts as the cluster's admin.
        answers: bodies given in the server's place, by path.
        keeps: whether the answer to a request, which the server has carried out, is never delivered.
        asked: every request as `METHOD path`, oldest first.
        kept: set when an answer has been kept.
    """

    url: str
    answers: dict[str, bytes] = field(default_factory=dict)
    keeps: Callable[[str], bool] = lambda _request: False
    asked: list[str] = field(default_factory=list)
    kept: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    def kubeconfig(self, folder: Path) -> Path:
        """A kubeconfig that leads here, with no credentials in it."""
        file = folder / "wire.conf"
        named = {"name": "wire"}
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{**named, "cluster": {"server": self.url}}],
            "users": [{**named, "user": {}}],
            "contexts": [{**named, "context": {"cluster": "wire", "user": "wire"}}],
            "current-context": "wire",
        }
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        return file


@contextmanager
def open_wire(cluster: ControlPlane) -> Iterator[Wire]:
    """Let requests through to the cluster until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    wire = Wire(url=f"http://127.0.0.1:{server.server_port}")
    server.wire, server.client = wire, _admin(cluster)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        wire.closed.set()
        server.shutdown()
        server.server_close()


def _admin(cluster: ControlPlane) -> Any:
    from kubernetes import config

    return config.new_client_from_config(str(cluster.kubeconfig()), persist_config=False)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        """Tests print nothing."""

    def _pass_on(self) -> None:
        from urllib3.exceptions import HTTPError

        wire: Wire = self.server.wire  # type: ignore[attr-defined]
        request = f"{self.command} {self.path}"
        wire.asked.append(request)
        try:
            status, kind, body = self._answer(wire)
        except HTTPError:
            # As if the server itself had hung up.
            self.close_connection = True
            return
        if wire.keeps(request):
            wire.kept.set()
            wire.closed.wait()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, wire: Wire) -> tuple[int, str, bytes]:
        from urllib3 import HTTPHeaderDict

        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if (lie := wire.answers.get(self.path)) is not None:
            return 200, "application/json", lie
        headers = HTTPHeaderDict()
        for name, value in self.headers.items():
            if name.lower() not in _HOP_BY_HOP:
                headers.add(name, value)
        client: Any = self.server.client  # type: ignore[attr-defined]
        url = client.configuration.host + self.path
        answer = client.rest_client.pool_manager.request(
            self.command, url, body=body or None, headers=headers, retries=False, redirect=False
        )
        return answer.status, answer.headers.get("Content-Type", "application/json"), answer.data

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on  # noqa: N815

"""Requests to one Kubernetes API server, answered with typed data or one clear error.

The official client supplies addresses, TLS, proxies and every way of logging in; this module adds impersonation with
several groups, typed decoding and errors that name what was asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import msgspec

from pulumi_pod_security.admission.conversion import decoder
from pulumi_pod_security.cluster.exchange import LimitExceeded, Received, exchange
from pulumi_pod_security.cluster.objects import Page, Status
from pulumi_pod_security.errors import PodSecurityError

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

    from pulumi_pod_security.policy.identity import Identity

__all__ = ["Api", "ClusterError", "Refused", "Unreachable"]

T = TypeVar("T")
PAGE = 500
MOST_PAGES = 1000
"""Pages of one list: Kubernetes is built for 150 000 pods, which are 300 pages."""

# A refusal by the plugin names every policy it tried; what is longer nobody reads.
_LONGEST_MESSAGE = 10_000
_LONGEST_CAUSE = 200
_JSON = "application/json"


class ClusterError(PodSecurityError):
    """The cluster could not be asked, or did not answer as an API server does."""


class Unreachable(ClusterError):
    """No API server answered at the address of the kubeconfig."""

    def __init__(self, where: str, cause: str) -> None:
        super().__init__(
            f"no Kubernetes API server answers at {where}: {cause}; "
            "check the kubeconfig and context with: kubectl cluster-info"
        )


class Refused(ClusterError):
    """The API server answered a request with an error status.

    Attributes:
        code: HTTP status code.
        reason: the machine-readable `reason` of the Status object, such as `Forbidden`.
        message: the server's own words.
    """

    def __init__(self, *, request: str, code: int, status: Status) -> None:
        self.code = code
        self.reason = status.reason
        self.message = (status.message or status.reason or f"HTTP {code}")[:_LONGEST_MESSAGE]
        super().__init__(f"{request}: {self.message}")


@dataclass(frozen=True, kw_only=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    identity: Identity | None = None
    sent_as: str = _JSON

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Api:
    """One API server, reached through an official client.

    Args:
        client: the official client; it owns credentials and connections.
        where: how errors name the server: its address and the kubeconfig context.

    Attributes:
        address: the server's, without a user, a password or a query.
    """

    def __init__(self, client: ApiClient, where: str) -> None:
        self._client = client
        # The client writes the kubeconfig's own spelling back before each request.
        self.address: str = client.configuration.host
        self.where = where

    def get(self, path: str, kind: type[T], **query: str) -> T:
        """Read one object or answer at `path`, such as `/version`.

        Raises:
            Unreachable: no server answers.
            Refused: the server answers with an error.
        """
        return self._answer(_Request(method="GET", path=path, query=query), kind)

    def text(self, path: str) -> str:
        """Read what is no JSON at `path`, such as `/metrics`; raises like `get`."""
        return self._received(_Request(method="GET", path=path)).decode(errors="replace")

    def find(self, path: str, kind: type[T]) -> T | None:
        """The same, None where nothing is at `path`."""
        try:
            return self.get(path, kind)
        except Refused as refusal:
            if refusal.code != HTTPStatus.NOT_FOUND:
                raise
            return None

    def items(self, path: str, kind: type[T]) -> Iterator[T]:
        """Read the list at `path`, object by object; raises like `pages`."""
        for page in self.pages(path):
            for item in page.items or ():
                yield self.decoded(path, kind, item)

    def pages(self, path: str) -> Iterator[Page]:
        """Read the list at `path` page by page; raises like `get`, and ClusterError where the list does not end."""
        query: dict[str, str] = {"limit": str(PAGE)}
        for _ in range(MOST_PAGES):
            page = self.get(path, Page, **query)
            yield page
            if not page.metadata.continue_:
                return
            if page.metadata.continue_ == query.get("continue"):
                raise ClusterError(f"{self.where}: the list at {path} does not end: the same page is given again")
            query["continue"] = page.metadata.continue_
        raise ClusterError(f"{self.where}: the list at {path} does not end: it has more than {MOST_PAGES} pages")

    def decoded(self, path: str, kind: type[T], item: msgspec.Raw) -> T:
        """An object of the list at `path`; raises ClusterError when it is none of this kind."""
        return self._decode(_Request(method="GET", path=path), kind, item)

    def post(
        self, path: str, body: Mapping[str, Any], kind: type[T], *, identity: Identity | None = None, **query: str
    ) -> T:
        """Create `body` at `path`, impersonating `identity` when one is given; raises like `get`."""
        return self._answer(_Request(method="POST", path=path, query=query, body=body, identity=identity), kind)

    def delete(self, path: str, *, uid: str, resource_version: str) -> None:
        """Delete the object at `path` if it still is the one that was read; raises like `get`: 409 if it is another."""
        conditions = {"uid": uid, "resourceVersion": resource_version}
        body = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": conditions}
        self._received(_Request(method="DELETE", path=path, body=body))

    def patch(self, path: str, change: Mapping[str, Any], kind: type[T], **query: str) -> T:
        """Merge `change` into the object at `path`; raises like `get`."""
        sent_as = "application/merge-patch+json"
        return self._answer(_Request(method="PATCH", path=path, query=query, body=change, sent_as=sent_as), kind)

    def apply(self, path: str, manifest: Mapping[str, Any], kind: type[T], **query: str) -> T:
        """Make the object at `path` be as `manifest` says, by server-side apply; raises like `get`."""
        # JSON is YAML.
        sent_as = "application/apply-patch+yaml"
        return self._answer(_Request(method="PATCH", path=path, query=query, body=manifest, sent_as=sent_as), kind)

    def _answer(self, request: _Request, kind: type[T]) -> T:
        return self._decode(request, kind, self._received(request))

    def _received(self, request: _Request) -> bytes:
        received = self._exchanged(request)
        if received.status >= 400:
            raise Refused(request=str(request), code=received.status, status=_status(received.data))
        if received.status >= 300:
            raise ClusterError(
                f"{self.where}: {request} is answered with a redirect (HTTP {received.status}), which no API "
                "server sends; check the server's address in the kubeconfig with: kubectl config view"
            )
        return received.data

    def _exchanged(self, request: _Request) -> Received:
        from urllib3.exceptions import HTTPError

        headers = _impersonation(request.identity)
        headers["Accept"], headers["Content-Type"] = _JSON, request.sent_as
        for setting in self._client.configuration.auth_settings().values():
            headers[setting["key"]] = setting["value"]
        url = self.address + request.path + (f"?{urlencode(request.query)}" if request.query else "")
        pools = self._client.rest_client.pool_manager
        try:
            return exchange(pools, request.method, url, headers, self._encoded(request))
        except LimitExceeded as error:
            raise ClusterError(
                f"{self.where}: the answer to {request} {error}; see what the server does with: "
                "kubectl get --raw '/readyz?verbose'"
            ) from None
        except (HTTPError, OSError) as error:
            raise Unreachable(self.where, _short(error)) from None
        except ValueError:
            # Python's own words would show the token.
            raise ClusterError(
                f"{self.where}: {request} cannot be sent: the kubeconfig's token, or the name of who is "
                "impersonated, has characters that no HTTP header may have"
            ) from None

    def _encoded(self, request: _Request) -> bytes | None:
        try:
            # Escaped, so that text that is no Unicode reaches the server, which says what it thinks of it.
            return None if request.body is None else json.dumps(request.body).encode()
        except RecursionError:
            raise ClusterError(f"{self.where}: {request} cannot be sent: the object is nested too deeply") from None

    def _decode(self, request: _Request, kind: type[T], data: bytes | msgspec.Raw) -> T:
        try:
            decoded: T = decoder(kind).decode(data)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise ClusterError(
                f"{self.where}: the answer to {request} is not what an API server says: {error}"
            ) from None
        return decoded


def _impersonation(identity: Identity | None) -> Any:
    from urllib3 import HTTPHeaderDict

    headers = HTTPHeaderDict()
    if identity is not None:
        headers["Impersonate-User"] = identity.user
        for group in sorted(identity.groups):
            headers.add("Impersonate-Group", group)
    return headers


def _status(data: bytes) -> Status:
    try:
        status: Status = decoder(Status).decode(data)
        return status
    except (msgspec.MsgspecError, RecursionError):
        return Status(message=data[:200].decode(errors="replace"))


def _short(error: Exception) -> str:
    """The innermost reason of a connection error, without the pool's and the request's repetition."""
    reason: object = error
    while isinstance(inner := getattr(reason, "reason", None) or getattr(reason, "original_error", None), Exception):
        reason = inner
    text = str(reason)
    text = text.rsplit(": ", 1)[-1] if isinstance(reason, OSError) or "Errno" in text else text
    return text[:_LONGEST_CAUSE]

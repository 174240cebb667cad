"""A server that answers from a table, as far as the walk asks it."""

from collections.abc import Mapping
from typing import Any

import pytest

from pulumi_pod_security.cluster.questions import Cluster

__all__: list[str] = []

ALLOWED = {
    ("system:nodes", "privileged", "kube-system"),
    ("system:authenticated", "default", ""),
    ("system:serviceaccounts:shop", "privileged", "shop"),
    ("system:serviceaccounts:shop", "privileged", "kube-system"),
    ("system:serviceaccount:shop:cart", "default", "shop"),
}
"""User or group, policy and namespace; no namespace is all of them."""


class Server:
    """An API server with two policies."""

    where = "a server"

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def items(self, _path: str, _kind: Any) -> list[dict[str, Any]]:
        """Its policies."""
        return [{"metadata": {"name": name}} for name in ("privileged", "default")]

    def post(self, path: str, body: Mapping[str, Any], kind: Any, **_: Any) -> Any:
        """Its answer to a review of access."""
        import msgspec

        assert path == "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        self.asked.append(body["spec"])
        spec, attributes = body["spec"], body["spec"]["resourceAttributes"]
        places = {attributes["namespace"], ""}
        names = {spec["user"], *spec["groups"]}
        allowed = any((name, attributes["name"], place) in ALLOWED for name in names for place in places)
        return msgspec.convert({"status": {"allowed": allowed}}, kind)


@pytest.fixture
def server() -> Server:
    """A server that remembers what it was asked."""
    return Server()


@pytest.fixture
def cluster(server: Server) -> Cluster:
    """The questions to it."""
    return Cluster(server)  # type: ignore[arg-type]

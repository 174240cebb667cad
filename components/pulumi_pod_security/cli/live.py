"""The live cluster that a command reads, if it reads one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.cli.progress import Working
from pulumi_pod_security.cluster import review
from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster, ServerVersion

__all__ = ["Live"]


@dataclass(frozen=True)
class Live:
    """A cluster; nothing is sent before something is asked. Every part of it raises ClusterError."""

    connection: Connection

    @classmethod
    def of(cls, connection: Connection | None) -> Live | None:
        """The cluster behind a connection, where there is one."""
        return None if connection is None else cls(connection)

    @cached_property
    def api(self) -> Api:
        """Its API server."""
        return self.connection.open()

    @cached_property
    def version(self) -> ServerVersion:
        """The server's version."""
        return Cluster(self.api).version

    def access(self, working: Working) -> Iterator[Document]:
        """Policies, RBAC and service accounts."""
        return review.access(self.api, working.expect)

    def running(self, kinds: Iterable[str], working: Working) -> Iterator[Document]:
        """What creates pods, custom resources of these kinds included, and the pods."""
        return review.running(self.api, kinds, working.expect)

    @property
    def removed(self) -> str | None:
        """What is to be said of a server without PodSecurityPolicy; None where it has it."""
        if self.version.has_psp:
            return None
        return (
            f"the server at {self.api.where} runs Kubernetes {self.version.git_version}, which has no "
            "PodSecurityPolicy any more (removed in 1.25)"
        )

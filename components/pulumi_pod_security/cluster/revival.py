"""What comes back once pods are let in again: controllers try at once, and nodes are ready when their pods run."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from pulumi_pod_security.cluster.api import Api, Refused
from pulumi_pod_security.cluster.creations import Waiting, waiting, wake
from pulumi_pod_security.cluster.owners import Owner
from pulumi_pod_security.cluster.questions import Cluster

__all__ = ["Node", "Revival", "Waking", "nodes"]

POLL_SECONDS = 1.0
WAKE_AGAIN_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node, and what its kubelet says of itself."""

    name: str
    ready: bool
    words: str


class Waking:
    """One wait for controllers.

    Args:
        telling: hears what is waited for.
        namespaces: theirs; None means all.
    """

    def __init__(
        self, cluster: Cluster, telling: Callable[[str], None], namespaces: Collection[str] | None = None
    ) -> None:
        self._cluster = cluster
        self._telling = telling
        self._namespaces = namespaces
        self._woken: dict[Owner, float] = {}

    def run(self, timeout_seconds: float) -> Iterator[Node | Owner]:
        """Wake the controllers that could create pods now and wait to; each is told once, as is each ready node.

        It ends when no pod that the server lets in is waited for, and no node, or when time is out.

        Raises:
            ClusterError: a request was refused, or no server answers.
        """
        end = time.monotonic() + timeout_seconds
        told: set[str] = set()
        while True:
            lacking = [found for found in waiting(self._cluster, self._namespaces) if found.answer.refusal is None]
            yield from self._wake(lacking)
            present = self._nodes()
            yield from (node for node in present if node.ready and node.name not in told)
            told |= {node.name for node in present if node.ready}
            open_ = [*map(str, lacking), *(f"node {node.name}" for node in present if not node.ready)]
            if not open_:
                return
            self._telling(f"waiting for {', '.join(open_)}")
            if time.monotonic() > end:
                return
            time.sleep(POLL_SECONDS)

    def _nodes(self) -> Sequence[Node]:
        """Those that are waited for: none."""
        return ()

    def _wake(self, lacking: Iterable[Waiting]) -> Iterator[Owner]:
        """Those whose creation was refused once more meanwhile are woken again, after a pause."""
        for found in lacking:
            last = self._woken.get(found.owner)
            if last is None or time.monotonic() - last > WAKE_AGAIN_SECONDS:
                self._woken[found.owner] = time.monotonic()
                if self._is_woken(found.owner) and last is None:
                    yield found.owner

    def _is_woken(self, owner: Owner) -> bool:
        """One that cannot be changed tries again by itself, in time, and must not keep the others waiting.

        A webhook refuses every change while its own pods are not back.
        """
        try:
            wake(self._cluster.api, owner)
        except Refused as refusal:
            self._telling(f"{owner} cannot be woken, and tries again by itself: {refusal.message}")
            return False
        return True


class Revival(Waking):
    """One wait for controllers and for all nodes, whose kubelets may need what the controllers create."""

    def _nodes(self) -> Sequence[Node]:
        return nodes(self._cluster.api)


class _Named(msgspec.Struct):
    name: str


class _Condition(msgspec.Struct):
    type: str
    status: str
    reason: str = ""
    message: str = ""


class _NodeStatus(msgspec.Struct):
    conditions: list[_Condition] | None = None


class _LiveNode(msgspec.Struct):
    metadata: _Named
    status: _NodeStatus = msgspec.field(default_factory=_NodeStatus)


def nodes(api: Api) -> list[Node]:
    """Every node by name. Raises ClusterError."""
    return sorted(map(_node, api.items("/api/v1/nodes", _LiveNode)), key=lambda node: node.name)


def _node(found: _LiveNode) -> Node:
    ready = next((each for each in found.status.conditions or () if each.type == "Ready"), None)
    if ready is None:
        return Node(name=found.metadata.name, ready=False, words="its kubelet has said nothing yet")
    return Node(name=found.metadata.name, ready=ready.status == "True", words=ready.message or ready.reason)

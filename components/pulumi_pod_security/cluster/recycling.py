"""Bringing pods under the policy that their next ones get: one workload at a time, each waited for.

It may be killed at any moment and run again. What was restarted before carries the present policy, or is on its way to:
its pods are older than the restart that its template tells of, and it is waited for instead of restarted again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

import msgspec
from tenacity import (
    RetryCallState,
    RetryError,
    Retrying,
    retry_if_exception,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

from pulumi_pod_security.cluster.api import Api, Refused, Unreachable
from pulumi_pod_security.cluster.creations import refused_creations
from pulumi_pod_security.cluster.owners import EVICTED, KINDS, MANAGER, Owner, progress, read
from pulumi_pod_security.cluster.pods import RESTARTED_AT, RunningPod, living, troubles
from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.staleness import Left, Stale, Survey, judged
from pulumi_pod_security.errors import PodSecurityError, capped

__all__ = ["Done", "RecyclingStopped", "Telling", "evict", "recycle", "required_rights", "restart"]

Telling = Callable[[str], None]
"""Hears what is waited for, in words."""

POLL_SECONDS = 0.5


class RecyclingStopped(PodSecurityError):
    """A workload did not come back; those after it were not touched.

    Attributes:
        owner: the workload.
    """

    def __init__(self, owner: Owner, what: str, words: Sequence[str]) -> None:
        self.owner = owner
        mend = f"see why: kubectl describe {owner.in_kubectl}"
        if owner.kind not in EVICTED:
            mend = f"take its restart back: kubectl rollout undo {owner.in_kubectl}"
        lines = [f"{owner} did not come back, and nothing after it was touched: {what}", *capped(words), mend]
        super().__init__("\n    ".join(lines))


@dataclass(frozen=True, kw_only=True)
class Done:
    """A workload all of whose pods carry the policy of the next one now, and how long that took."""

    stale: Stale
    seconds: float


def required_rights(found: Survey) -> tuple[Right, ...]:
    """What recycling asks of the kubeconfig beyond what looking does."""
    return tuple(dict.fromkeys(map(_right, found.stale)))


def recycle(cluster: Cluster, found: Survey, timeout_seconds: float, telling: Telling) -> Iterator[Done | Left]:
    """Bring what a survey found up to date, one after the other; each is looked at again before it is touched.

    Args:
        timeout_seconds: how long one workload may take to come back.

    Raises:
        RecyclingStopped: one did not come back.
        PreflightRefused: the kubeconfig may not do it; nothing was touched.
        ClusterError: no server answers, or it refused a request.
    """
    require_rights(cluster, required_rights(found))
    for stale in found.stale:
        since = time.monotonic()
        entry = _as_it_is(cluster, stale.owner)
        if isinstance(entry, Stale):
            _Turn(cluster, entry, timeout_seconds, telling).take()
            yield Done(stale=entry, seconds=time.monotonic() - since)
        elif entry is not None:
            yield entry


class _Turn:
    """One workload's turn."""

    def __init__(self, cluster: Cluster, stale: Stale, timeout_seconds: float, telling: Telling) -> None:
        self._cluster = cluster
        self._api = cluster.api
        self._stale = stale
        self._owner = stale.owner
        self._timeout = timeout_seconds
        self._telling = telling

    def take(self) -> None:
        """Make its pods anew and return when all of them are there, under the policy that was foretold."""
        if self._stale.act == "restart":
            self._telling(f"{self._owner}: restarting")
            restart(self._api, self._owner)
        if self._stale.act == "evict":
            for pod in self._stale.pods:
                self._wait(self._ready)
                self._wait(lambda pod=pod: self._evicted(pod))  # type: ignore[misc]
            self._wait(self._ready)
        else:
            self._wait(self._complete)
        self._prove()

    def _complete(self) -> str | None:
        found = read(self._api, self._owner)
        if found is None:
            return None
        waits = progress(self._owner.kind, found)
        if waits and found.gave_up:
            raise self._stopped(f"{waits}, and its controller says that it does not get on")
        return waits

    def _ready(self) -> str | None:
        """What is missing, counted pod by pod: the status of the owner is older than an eviction."""
        found = read(self._api, self._owner)
        ready = sum(pod.is_ready for pod in self._pods())
        return None if found is None or ready >= found.wanted else f"{ready} of {found.wanted} pods ready"

    def _evicted(self, pod: str) -> str | None:
        self._telling(f"{self._owner}: evicting pod {pod}")
        try:
            evict(self._api, self._owner.namespace, pod)
        except Refused as refusal:
            if refusal.code == HTTPStatus.TOO_MANY_REQUESTS:
                return f"pod {pod} may not be evicted yet: {refusal.message}"
            if refusal.code != HTTPStatus.NOT_FOUND:
                raise
        return None

    def _prove(self) -> None:
        entry = _as_it_is(self._cluster, self._owner)
        if entry is not None:
            carries = ", ".join(policy or "no policy" for policy in entry.carries)
            raise self._stopped(f"pods {', '.join(entry.pods)} carry {carries}, the next would get {entry.policy}")

    def _wait(self, waits: Callable[[], str | None]) -> None:
        """Wait until there is nothing to wait for; the API server may be away meanwhile."""
        attempts = Retrying(
            stop=stop_after_delay(self._timeout),
            wait=wait_fixed(POLL_SECONDS),
            retry=retry_if_result(lambda said: said is not None) | retry_if_exception(_passes),
            before_sleep=self._tell,
        )
        try:
            attempts(waits)
        except RetryError as error:
            last = error.last_attempt
            said = last.exception() if last.failed else last.result()
            raise self._stopped(f"{said}, after {self._timeout:g} s") from None

    def _tell(self, state: RetryCallState) -> None:
        if state.outcome is not None and not state.outcome.failed:
            self._telling(f"{self._owner}: {state.outcome.result()}")

    def _pods(self) -> Sequence[RunningPod]:
        return living(self._api, self._owner.namespace).get(self._owner, ())

    def _stopped(self, what: str) -> RecyclingStopped:
        words = [*troubles(self._pods()), *refused_creations(self._api, self._owner)]
        return RecyclingStopped(self._owner, what, words)


def restart(api: Api, owner: Owner) -> None:
    """Restart a workload as `kubectl rollout restart` does: its next pods differ from these in an annotation."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    template = {"metadata": {"annotations": {RESTARTED_AT: now}}}
    api.patch(owner.path, {"spec": {"template": template}}, msgspec.Raw, fieldManager=MANAGER)


def evict(api: Api, namespace: str, pod: str) -> None:
    """Ask for a pod to go, which a PodDisruptionBudget may refuse for now.

    policy/v1beta1 is what every server takes that has PodSecurityPolicy; policy/v1 came with 1.22.
    """
    metadata = {"name": pod, "namespace": namespace}
    body = {"apiVersion": "policy/v1beta1", "kind": "Eviction", "metadata": metadata}
    api.post(f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/eviction", body, msgspec.Raw)


def _as_it_is(cluster: Cluster, owner: Owner) -> Stale | Left | None:
    pods = living(cluster.api, owner.namespace).get(owner)
    return judged(cluster, owner, pods) if pods else None


def _passes(error: BaseException) -> bool:
    """Whether a server that is busy, or on its way up, gave no answer that counts."""
    return isinstance(error, Unreachable) or (isinstance(error, Refused) and error.code in (429, 500, 503, 504))


def _right(stale: Stale) -> Right:
    if stale.act == "evict":
        return Right(verb="create", resource="pods/eviction")
    group, resource = KINDS[stale.owner.kind]
    return Right(verb="patch", resource=resource, group=group)

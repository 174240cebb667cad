"""A field of a provider's API moved: look, change, wait for what the provider does about it, look again.

What a lost connection, a time-out or a killed run left behind is never assumed: every step begins with a look. All
waiting is bounded, and told as progress to the log of this module.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tenacity import RetryCallState, RetryError, Retrying, retry_if_exception_type, stop_before_delay

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.errors import printable
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.platforms.same_cluster import ProviderCluster
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["NotYet", "Operation", "Pace", "PluginApi", "ProviderField", "Reading", "words"]

T = TypeVar("T")
_log = logging.getLogger(__name__)
_TOLD_EVERY_SECONDS = 30
_LONGEST_WORDS = 300


class NotYet(Exception):
    """What was asked cannot be told or done now, and may be later.

    Args:
        why: in words.
        after: how many seconds the provider wants to be left alone.
    """

    def __init__(self, why: str, *, after: float = 0) -> None:
        super().__init__(why)
        self.after = after


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the provider says of the cluster.

    Attributes:
        enabled: what the field says.
        version: of Kubernetes.
        busy: what the provider is doing to the cluster; empty when nothing.
        broken: how the last change ended; empty when it ended well.
        late: what a change that was given up would make of the field, if it still arrives; None when there is none.
        servers: the addresses of its API server, as hosts or URLs; empty where there is none.
        content: the cluster as the SDK gave it.
    """

    enabled: bool
    version: str
    busy: str = ""
    broken: str = ""
    late: bool | None = None
    servers: tuple[str, ...] = ()
    content: Any = None


Operation = Callable[[float], None]
"""Asks once, for so many seconds, how a change goes: raises NotYet while it does, SwitchError when it failed."""


class PluginApi(Protocol):
    """One cluster in a provider's API. Every call takes so many seconds at most, and tries once.

    Raises:
        NotYet: the provider is busy, wants fewer calls, or was not heard.
        SwitchError: it refuses; in one sentence with its own words and no credentials.
    """

    @property
    def where(self) -> str:
        """What errors and progress call the cluster."""

    @property
    def kubeconfig_command(self) -> str:
        """What a person runs to have a kubeconfig of the cluster."""

    def read(self, seconds: float) -> Reading:
        """Look at the cluster."""

    def change(self, found: Reading, *, enabled: bool, seconds: float) -> Operation | None:
        """Change the one field; None where the cluster itself tells when that is done."""

    def lacking(self, found: Reading, seconds: float) -> str | None:
        """Why this cluster cannot have the plugin; None where it can."""


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How long things may take, in seconds.

    Attributes:
        timeout: a change, with all waiting.
        look: a look, with all waiting for an answer.
        request: one request.
        poll: between two looks.
    """

    timeout: float
    look: float = 60
    request: float = 60
    poll: float = 5


class ProviderField:
    """A `PluginField` over a provider's API."""

    def __init__(self, api: PluginApi, platform: Platform, pace: Pace) -> None:
        self._api = api
        self._platform = platform
        self._pace = pace

    def is_enabled(self) -> bool:
        """What the field says now; raises SwitchError."""
        return self._look().enabled

    def is_settled_enabled(self) -> bool:
        """What it says once nothing is going on; raises SwitchError."""
        return self._until(self._settled, self._pace.timeout, "was not left alone").enabled

    def require_plugin(self) -> None:
        """Raise SwitchError unless the cluster has the plugin or can have it, naming what to do instead."""
        found = self._look()
        if found.enabled:
            return
        lacking = self._until(lambda seconds: self._api.lacking(found, seconds), self._pace.look, _UNHEARD)
        if lacking:
            raise SwitchError(f"{self._api.where}: {lacking}; {self._platform.instead}")

    def require_kubeconfig(self, connection: Connection, vouched: str | None) -> None:
        """Raise SwitchError unless the kubeconfig leads to this cluster, as `ProviderCluster.require` does."""
        where, command = self._api.where, self._api.kubeconfig_command
        servers = self._look().servers
        ProviderCluster(where=where, servers=servers, command=command).require(connection, vouched)

    def enable(self) -> None:
        """Have the provider run the plugin; raises SwitchError."""
        self._move(enabled=True)

    def disable(self) -> None:
        """Have the provider run no plugin; raises SwitchError."""
        self._move(enabled=False)

    def _look(self) -> Reading:
        return self._until(self._api.read, self._pace.look, _UNHEARD)

    def _settled(self, seconds: float) -> Reading:
        found = self._api.read(seconds)
        if found.busy:
            raise NotYet(found.busy)
        return found

    def _move(self, *, enabled: bool) -> None:
        move = _Move(self._api, enabled, self._platform.instead)
        self._until(move.step, self._pace.timeout, f"did not come to have PodSecurityPolicy {_SAID[enabled]}")

    def _until(self, step: Callable[[float], T], seconds: float, late: str) -> T:
        """Take the step until it is done, for so many seconds in all."""
        deadline = time.monotonic() + seconds
        attempts = Retrying(
            retry=retry_if_exception_type(NotYet),
            stop=stop_before_delay(seconds),
            wait=self._pause,
            before_sleep=_Progress(self._api.where),
        )
        try:
            return attempts(lambda: step(max(0.1, min(self._pace.request, deadline - time.monotonic()))))
        except RetryError as error:
            raise SwitchError(
                f"{self._api.where} {late} within {seconds:g} s: {error.last_attempt.exception()}; look at it in the "
                "provider's console, then run the same command again, which goes on from there"
            ) from None

    def _pause(self, state: RetryCallState) -> float:
        reason = state.outcome.exception() if state.outcome else None
        return max(self._pace.poll, reason.after) if isinstance(reason, NotYet) else self._pace.poll


_SAID = {True: "on", False: "off"}
_UNHEARD = "did not answer"


class _Progress:
    """Tells what is waited for when that changes, and once in a while."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._began = time.monotonic()
        self._said = ""
        self._at = 0.0

    def __call__(self, state: RetryCallState) -> None:
        why = str(state.outcome.exception()) if state.outcome else ""
        now = time.monotonic()
        if why != self._said or now - self._at >= _TOLD_EVERY_SECONDS:
            self._said, self._at = why, now
            _log.info("%s: %s (%.0f s)", self._where, why, now - self._began)


class _Move:
    """One change of the field, taken up again at every step by what the provider says."""

    def __init__(self, api: PluginApi, enabled: bool, instead: str) -> None:  # noqa: FBT001 - what is wanted
        self._api = api
        self._enabled = enabled
        self._instead = instead
        self._operation: Operation | None = None
        self._accepted = False

    def step(self, seconds: float) -> None:
        """Return when it is done; raises as `PluginApi` does."""
        if self._operation is not None:
            self._operation(seconds)
            self._operation = None
        found = self._api.read(seconds)
        if found.busy:
            raise NotYet(found.busy)
        if found.late not in (None, self._enabled):
            raise NotYet("an earlier request to the contrary was given up and may still arrive")
        if found.enabled == self._enabled and not found.broken:
            return
        if self._accepted:
            raise SwitchError(self._in_vain(found))
        self._operation = self._api.change(found, enabled=self._enabled, seconds=seconds)
        self._accepted = True
        raise NotYet(f"turning PodSecurityPolicy {_SAID[self._enabled]}")

    def _in_vain(self, found: Reading) -> str:
        asked = f"{self._api.where}: the provider took the request to turn PodSecurityPolicy {_SAID[self._enabled]}"
        if found.broken:
            return f"{asked} and ended with {found.broken}; mend what its console says, then run the same command again"
        return f"{asked} and did not do it; {self._instead}"


def words(text: object) -> str:
    """A provider's own words, on one line and short enough to read."""
    line = printable(" ".join(str(text).split()))
    return line if len(line) <= _LONGEST_WORDS else f"{line[:_LONGEST_WORDS]}..."

"""Turning enforcement on, proving it, and going back by itself when the proof fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_fixed,
)

from pulumi_pod_security.cluster.api import ClusterError, Refused
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import Verified, plugin_is_on
from pulumi_pod_security.errors import PodSecurityError

__all__ = [
    "AdmissionSwitch",
    "ByHand",
    "EnforcementUndone",
    "PluginSwitch",
    "Proof",
    "SwitchError",
    "Words",
    "enforce",
    "relax",
]

_POLL_SECONDS = 0.25
# Not logged in (yet), too busy: these pass, as what is no refusal does.
_PASSING = (401, 429)


class SwitchError(PodSecurityError):
    """A switch could not be read or moved."""


class EnforcementUndone(PodSecurityError):
    """Enforcement was turned on, did not do what the baseline promises, and was turned off again."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """How a switch is spoken of.

    Attributes:
        coming, going: what is waited for after `turn_on` and after `turn_off`.
        undone: how things stand after `turn_off`.
        kept: how they stand where they were on before us.
        undoing: what `turn_off` does.
    """

    coming: str
    going: str
    undone: str
    kept: str
    undoing: str


class ByHand(Protocol):
    """What a person must do before API servers follow a switch that only changes what they are made from."""

    @property
    def standing(self) -> str:
        """How far they are; raises PodSecurityError."""

    @property
    def command(self) -> str:
        """What to run, for a shell; raises PodSecurityError."""


class AdmissionSwitch(Protocol):
    """What a platform must offer: both moves may be repeated, and killed half way."""

    @property
    def words(self) -> Words:
        """How it is spoken of."""

    @property
    def was_on(self) -> bool:
        """Whether enforcement was on before us; then `turn_off` leaves it on."""

    @property
    def is_set(self) -> bool:
        """Whether the platform is told to enforce, whatever its API server does yet; raises PodSecurityError."""

    @property
    def way_back(self) -> ByHand | None:
        """What a person must run after `turn_on` and `turn_off`; None when the API servers follow by themselves."""

    def is_on(self, cluster: Cluster) -> bool:
        """Whether every API server enforces; raises PodSecurityError."""

    def is_off(self, cluster: Cluster) -> bool:
        """Whether none enforces; of several API servers some may, and then neither is so. Raises PodSecurityError."""

    def turn_on(self) -> None:
        """Tell the platform to enforce; raises PodSecurityError."""

    def turn_off(self) -> None:
        """Put back what was there before the first `turn_on`; raises PodSecurityError."""


class Proof(Protocol):
    """What a switch is verified with; made before it is turned on."""

    @property
    def cluster(self) -> Cluster:
        """The server."""

    def run(self) -> Verified:
        """Ask the server; raises ClusterError."""


class PluginSwitch:
    """What is common to platforms whose switch is the PodSecurityPolicy plugin itself."""

    words = Words(
        coming="the API server coming back with the PodSecurityPolicy plugin",
        going="the API server coming back without the PodSecurityPolicy plugin",
        undone="the API server runs without the plugin again",
        kept="the plugin was on before this update and stays on",
        undoing="turning the plugin off again",
    )

    def is_on(self, cluster: Cluster) -> bool:
        """Whether the plugin judges pods."""
        return plugin_is_on(cluster)

    def is_off(self, cluster: Cluster) -> bool:
        """Whether it does not."""
        return not plugin_is_on(cluster)


def enforce(switch: AdmissionSwitch, verification: Proof, timeout_seconds: float) -> Verified:
    """Turn enforcement on and prove it; on anything but the expected verdicts turn it off again.

    Args:
        switch: the platform's switch.
        verification: made before this call, so that it knows what was refused already.
        timeout_seconds: how long the API server may take to enforce, and again to stop.

    Raises:
        EnforcementUndone: with what went wrong; says so when the way back failed too.
    """
    cluster = verification.cluster
    try:
        switch.turn_on()
        _wait(timeout_seconds, lambda: switch.is_on(cluster), switch.words.coming)
        verified = verification.run()
    except PodSecurityError as error:
        raise EnforcementUndone(f"{error}\n{_undone(switch, cluster, timeout_seconds)}") from None
    except BaseException:
        _undone(switch, cluster, timeout_seconds)
        raise
    if verified.surprises:
        found = "".join(f"\n  {surprise}" for surprise in verified.surprises)
        raise EnforcementUndone(
            f"of {verified.workloads} workloads and {verified.canaries} canaries {len(verified.surprises)} got another "
            f"verdict than was promised{found}\n{_undone(switch, cluster, timeout_seconds)}"
        )
    return verified


def relax(switch: AdmissionSwitch, cluster: Cluster, timeout_seconds: float) -> None:
    """Put back what was there before us and wait until every API server has followed.

    Raises:
        SwitchError: the platform refused, a server did not come back in time, or a person must make it follow first:
            as long as one runs with the plugin, policies and grants must not go.
    """
    switch.turn_off()
    by_hand = switch.way_back
    if by_hand is None:
        _wait_until_off(switch, cluster, timeout_seconds)
    elif not switch.was_on and not switch.is_off(cluster):
        raise SwitchError(
            f"the configuration was put back, but {by_hand.standing}; policies and grants stay until none does; "
            f"run: {by_hand.command}; then again: pulumi destroy"
        )


def _wait(timeout_seconds: float, condition: Callable[[], bool], what: str) -> None:
    """Poll `condition`, letting the API server be away meanwhile; raises SwitchError when time is out."""
    attempts = Retrying(
        stop=stop_after_delay(timeout_seconds),
        wait=wait_fixed(_POLL_SECONDS),
        retry=retry_if_result(lambda held: not held) | retry_if_exception_type(ClusterError),
    )
    try:
        attempts(condition)
    except RetryError as error:
        last = error.last_attempt
        seen = f"; last seen: {last.exception()}" if last.failed else ""
        raise SwitchError(f"{what} did not happen within {timeout_seconds:g} s{seen}") from None


def _undone(switch: AdmissionSwitch, cluster: Cluster, timeout_seconds: float) -> str:
    try:
        by_hand = _put_back(switch, cluster, timeout_seconds)
    except PodSecurityError as error:
        return f"{switch.words.undoing} FAILED: {error}; run pulumi up or pulumi destroy again"
    if switch.was_on:
        return f"{switch.words.kept}; mend the above, then run: pulumi up"
    if by_hand is not None:
        return f"the configuration was put back; turn the plugin off on the nodes with: {by_hand}"
    return f"the switch was undone: {switch.words.undone}; mend the above, then run: pulumi up"


def _put_back(switch: AdmissionSwitch, cluster: Cluster, timeout_seconds: float) -> str | None:
    """Go back; the command that is left to a person, who is not waited for."""
    _turn_off_again(switch, timeout_seconds)
    if switch.way_back is not None:
        return switch.way_back.command
    _wait_until_off(switch, cluster, timeout_seconds)
    return None


def _wait_until_off(switch: AdmissionSwitch, cluster: Cluster, timeout_seconds: float) -> None:
    if not switch.was_on:
        _wait(timeout_seconds, lambda: switch.is_off(cluster), switch.words.going)


def _turn_off_again(switch: AdmissionSwitch, timeout_seconds: float) -> None:
    """Try until it is done: what the proof failed of may be a server that is away, and nothing unproven stays on."""
    attempts = Retrying(
        stop=stop_after_delay(timeout_seconds),
        wait=wait_fixed(_POLL_SECONDS),
        retry=retry_if_exception(_passes),
        reraise=True,
    )
    attempts(switch.turn_off)


def _passes(error: BaseException) -> bool:
    """Whether no server that answers said no."""
    refused = isinstance(error, Refused) and 400 <= error.code < 500 and error.code not in _PASSING
    return isinstance(error, ClusterError) and not refused

"""Turning enforcement on, proving it, and going back by itself when the proof fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tenacity import RetryError, Retrying, retry_if_exception_type, retry_if_result, stop_after_delay, wait_fixed

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import Verification, Verified, plugin_is_on
from pulumi_pod_security.errors import PodSecurityError

__all__ = ["AdmissionSwitch", "EnforcementUndone", "SwitchError", "enforce", "relax"]

_POLL_SECONDS = 0.25


class SwitchError(PodSecurityError):
    """A switch could not be read or moved."""


class EnforcementUndone(PodSecurityError):
    """Enforcement was turned on, did not do what the baseline promises, and was turned off again."""


class AdmissionSwitch(Protocol):
    """What a platform must offer: both moves may be repeated, and killed half way."""

    @property
    def was_on(self) -> bool:
        """Whether the plugin was on before us; then `turn_off` leaves it on."""

    @property
    def way_back(self) -> str | None:
        """What a person must run after `turn_off`; None when the API server follows by itself."""

    def turn_on(self) -> None:
        """Tell the platform to run the PodSecurityPolicy plugin; raises SwitchError."""

    def turn_off(self) -> None:
        """Put back what was there before the first `turn_on`; raises SwitchError."""


def enforce(switch: AdmissionSwitch, verification: Verification, timeout_seconds: float) -> Verified:
    """Turn enforcement on and prove it; on anything but the expected verdicts turn it off again.

    Args:
        switch: the platform's switch.
        verification: made before this call, so that it knows what was refused already.
        timeout_seconds: how long the API server may take to come back with the plugin, and again to come back without.

    Raises:
        EnforcementUndone: with what went wrong; says so when the way back failed too.
    """
    cluster = verification.cluster
    try:
        switch.turn_on()
        _wait(
            timeout_seconds,
            lambda: plugin_is_on(cluster),
            "the API server coming back with the PodSecurityPolicy plugin",
        )
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
            f"verdict than the baseline promises{found}\n{_undone(switch, cluster, timeout_seconds)}"
        )
    return verified


def relax(switch: AdmissionSwitch, cluster: Cluster, timeout_seconds: float) -> None:
    """Put back what was there before us and wait until the API server has followed.

    Raises:
        SwitchError: the platform refused, the server did not come back in time, or a person must make it follow first:
            as long as it runs with the plugin, policies and grants must not go.
    """
    switch.turn_off()
    if switch.was_on:
        return
    if switch.way_back is None:
        what = "the API server coming back without the PodSecurityPolicy plugin"
        _wait(timeout_seconds, lambda: not plugin_is_on(cluster), what)
    elif plugin_is_on(cluster):
        raise SwitchError(
            "the configuration was put back, but the API server still runs the PodSecurityPolicy plugin and would "
            f"refuse every pod without grants; make a control-plane node, NODE, follow: {switch.way_back}; "
            "then again: pulumi destroy"
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
    by_hand = switch.way_back
    try:
        if by_hand is None:
            relax(switch, cluster, timeout_seconds)
        else:
            switch.turn_off()
    except PodSecurityError as error:
        return f"turning the plugin off again FAILED: {error}; run pulumi up or pulumi destroy again"
    if switch.was_on:
        return "the plugin was on before this update and stays on; mend the above, then run: pulumi up"
    if by_hand is not None:
        return f"the configuration was put back; turn the plugin off on the nodes with: {by_hand}"
    return "the switch was undone: the API server runs without the plugin again; mend the above, then run: pulumi up"

"""Volumes by their driver: what the controls of flexVolumes and inline CSI volumes have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls import volumes
from pulumi_pod_security.controls.cel import Clauses, Refused, is_in
from pulumi_pod_security.controls.pod import Pod, pod_volumes
from pulumi_pod_security.controls.volume import CSISource, FlexSource, Volume
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Drivers", "driver_clauses", "drivers_of", "unlisted_drivers"]


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """The drivers that may be used."""

    names: frozenset[str]


def drivers_of(policy: PodSecurityPolicy, kind: str, names: Iterable[str]) -> Drivers | None:
    """Nothing is asked without drivers, or where volumes of the kind are refused as such."""
    listed = frozenset(names)
    return Drivers(names=listed) if listed and volumes.allows(policy, kind) else None


def unlisted_drivers(
    asked: Drivers, pod: Pod, kind: str, source: Callable[[Volume], CSISource | FlexSource | None]
) -> Iterator[tuple[int, str]]:
    """The volumes of the kind whose driver is not listed: the place of each, and its driver."""
    for index, volume in enumerate(pod_volumes(pod)):
        found = source(volume)
        if found is None or volume.kind != kind:
            continue
        driver = found.driver or ""
        if driver not in asked.names:
            yield index, driver


def driver_clauses(asked: Drivers, kind: str) -> Clauses:
    """Each volume of the kind whose driver is not listed."""
    when = f"has(v.{kind}) && !({is_in(f'v.{kind}.driver', asked.names)})"
    says = f"volumes.{kind}.driver: only these drivers are allowed to be used: {', '.join(sorted(asked.names))}"
    return (Refused(part="volume", when=when, says=says),)

"""How a proof says no: one heading, and what was found below it."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_pod_security.errors import PodSecurityError

__all__ = ["PreflightRefused", "listed"]

_SHOWN = 50


class PreflightRefused(PodSecurityError):
    """Switching enforcement on now would refuse something; nothing was changed."""


def listed(heading: str, faults: Sequence[str]) -> str:
    """The faults below their heading, one a line; the first of them when there are very many."""
    lines = "".join(f"\n  {fault}" for fault in faults[:_SHOWN])
    rest = len(faults) - _SHOWN
    return f"{heading}{lines}" + (f"\n  ... and {rest} more" if rest > 0 else "")

"""How a proof says no: one heading, and what was found below it."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_pod_security.errors import PodSecurityError, capped

__all__ = ["PreflightRefused", "listed"]


class PreflightRefused(PodSecurityError):
    """Switching enforcement on now would refuse something; nothing was changed."""


def listed(heading: str, faults: Sequence[str]) -> str:
    """The faults below their heading, one a line; the first of them when there are very many."""
    return "\n  ".join([heading, *capped(faults)])

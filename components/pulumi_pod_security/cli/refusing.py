"""How a command ends that cannot do what it was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.report.harmless import harmless

__all__ = ["ADMITTED", "REFUSED", "UNUSABLE", "refusing"]

ADMITTED = 0
REFUSED = 1
UNUSABLE = 2
"""Bad input or bad usage; usage is told by typer, with the same number."""


@contextmanager
def refusing() -> Iterator[None]:
    """Tell an error of this package on the standard error and end with `UNUSABLE`."""
    try:
        yield
    except PodSecurityError as error:
        for line in f"pod-security: {error}".splitlines():
            typer.echo(harmless(line), err=True)
        raise typer.Exit(UNUSABLE) from None

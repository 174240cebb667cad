"""Policies that are refused, and the words."""

from __future__ import annotations

import pytest

from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.fixtures.policy_cases import Case

__all__ = ["by_name", "refused"]


def by_name(case: Case) -> str:
    """The id of a case."""
    return case.name


def refused(case: Case) -> tuple[str, ...]:
    """The faults of a case's manifest, as they read."""
    with pytest.raises(InvalidPolicy) as refusal:
        PodSecurityPolicy.from_manifest(case.manifest())
    return tuple(map(str, refusal.value.faults))

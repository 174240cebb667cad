"""How a proof says no."""

from __future__ import annotations

import dataclasses

from pulumi_pod_security.policy import presets
from tests.unit.support.plans import planned, refusal
from tests.unit.support.world import World


def test_every_fault_is_listed_up_to_a_readable_number(world: World) -> None:
    """Fifty are spelled out, the rest is counted."""
    names = [f"p{number:02}" for number in range(60)]
    policies = [dataclasses.replace(presets.default(), name=name) for name in names]
    words = refusal(world, planned(policies=policies)).splitlines()
    assert len(words) == 52
    assert words[1].startswith("  policy p00 is not on the server")
    assert words[-1] == "  ... and 10 more"

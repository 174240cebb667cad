"""What the checks of one control have against a pod, in one version of the standards."""

from __future__ import annotations

from collections.abc import Iterable

from pulumi_pod_security.controls.check import Check
from pulumi_pod_security.controls.pod import Pod

__all__ = ["told"]


def told(checks: Iterable[Check], minor: int, pod: Pod) -> dict[str, str]:
    """What each check that refuses the pod says, by its id; checks that are not in that version say nothing."""
    said = {}
    for check in checks:
        rules = [rule for rule in check.rules if rule.since <= minor]
        refusal = rules[-1].judge(pod) if rules else None
        if refusal is not None:
            said[check.id] = str(refusal)
    return said

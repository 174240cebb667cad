"""Inputs of dynamic resources, as Pulumi hands them to a provider."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.dynamic import CheckResult

from pulumi_pod_security.policy.config import grant_to_config
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.support.world import World, kubeconfig

__all__ = ["failure", "inputs_of", "received"]


def received(props: Mapping[str, Any]) -> dict[str, Any]:
    """What arrives: whole numbers as floats, nothing that is None, and the provider itself."""
    return {**{key: _received(value) for key, value in props.items() if value is not None}, "__provider": "gASV"}


def inputs_of(
    world: World, policies: Sequence[PodSecurityPolicy], grants: Sequence[Grant], **more: Any
) -> dict[str, Any]:
    """The inputs that every checking resource of a baseline has."""
    return received(
        {
            "kubeconfig": kubeconfig(world.address),
            "context": None,
            "policies": [json.dumps(policy.to_manifest()) for policy in policies],
            "grants": [grant_to_config(grant) for grant in grants],
            **more,
        }
    )


def failure(result: CheckResult) -> str | None:
    """The words of the one failure of a check, or None."""
    assert len(result.failures) <= 1
    return result.failures[0].reason if result.failures else None


def _received(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, Mapping):
        return {key: _received(part) for key, part in value.items()}
    return [_received(part) for part in value] if isinstance(value, list) else value

"""A baseline as the `config` of a Pulumi stack's file, which this repository's program reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from pulumi_pod_security.policy.config import grant_to_config
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.presets import PRESETS, preset
from pulumi_pod_security.policy.subjects import Subject

__all__ = ["PREFIX", "config_of", "is_preset", "mistaken_for_secrets", "stack_config"]

PREFIX = "pod-security:"
"""How the program's keys begin."""


def stack_config(policies: Iterable[PodSecurityPolicy], grants: Iterable[Grant], admins: Sequence[Subject] = ()) -> str:
    """The lines of a stack's file that declare these."""
    config = {"config": config_of(policies, grants, admins)}
    return yaml.safe_dump(config, sort_keys=False, default_flow_style=None, width=120)


def config_of(
    policies: Iterable[PodSecurityPolicy], grants: Iterable[Grant], admins: Sequence[Subject] = ()
) -> dict[str, Any]:
    """The same as plain data; presets and subjects in short where there are short words."""
    config: dict[str, Any] = {
        f"{PREFIX}policies": [policy.name if is_preset(policy) else policy.to_manifest() for policy in policies],
        f"{PREFIX}grants": [_shortly(grant) for grant in grants],
    }
    if admins:
        # A grant spells its subjects, and admins are spelled alike.
        everywhere = Grant(policy="any", subjects=admins)
        config[f"{PREFIX}admins"] = _shortly(everywhere)["to"]
    return config


def is_preset(policy: PodSecurityPolicy) -> bool:
    """Whether the preset of this name is the same policy."""
    return policy.name in PRESETS and policy == preset(policy.name)


def mistaken_for_secrets(policies: Iterable[PodSecurityPolicy]) -> list[str]:
    """The policies whose only label, or only annotation, is `secure`: in a stack's file that is an encrypted value."""
    found = (policy.to_manifest()["metadata"] for policy in policies)
    return [
        metadata["name"]
        for metadata in found
        if any(list(metadata.get(key, ())) == ["secure"] for key in ("labels", "annotations"))
    ]


def _shortly(grant: Grant) -> dict[str, Any]:
    """A grant as people write it."""
    written = grant_to_config(grant)
    alone = {
        "group:system:nodes": "nodes",
        "group:system:authenticated": "authenticated",
        f"group:system:serviceaccounts:{grant.namespace}": "service-accounts",
    }
    return {**written, "to": [alone.get(text, text) for text in written["to"]]}

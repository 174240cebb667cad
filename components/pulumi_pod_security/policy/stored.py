"""A policy as an API server gives it back, for telling whether the server still has what was sent.

Kubernetes 1.24 leaves out what is false or empty, fills in `allowPrivilegeEscalation: true`, drops
`allowedProcMountTypes` while its gate ProcMountType is off (the default), and writes metadata of its own
(in kubernetes v1.24.17: pkg/apis/policy/v1beta1/defaults.go, pkg/registry/policy/podsecuritypolicy/strategy.go and
`DropDisabledFields` in pkg/api/podsecuritypolicy/util.go; what is left out when empty: policy/v1beta1/types.go,
k8s.io/api v0.24.17).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["as_sent", "as_stored", "from_server"]

# Pointers in policy/v1beta1/types.go (k8s.io/api v0.24.17): false is not the same as left out, and it is kept.
_KEPT = frozenset({"allow_privilege_escalation", "default_allow_privilege_escalation"})


def from_server(found: Mapping[str, Any]) -> PodSecurityPolicy:
    """The policy in an object read from a server, alone or from a list; the server's own metadata is left out.

    Raises:
        InvalidPolicy: with every fault, whatever the server gave in a policy's place.
    """
    if not isinstance(found, Mapping):
        return PodSecurityPolicy.from_manifest(found)
    metadata = found.get("metadata")
    if isinstance(metadata, Mapping):
        metadata = {key: metadata[key] for key in ("name", "labels", "annotations") if key in metadata}
    named = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", **found}
    return PodSecurityPolicy.from_manifest({**named, "metadata": metadata})


def as_stored(policy: PodSecurityPolicy) -> PodSecurityPolicy:
    """The policy that `from_server` finds after this one was sent and nobody touched it."""
    spec = _without_empty(policy.spec)
    escalation = spec.allow_privilege_escalation is not False
    spec = dataclasses.replace(spec, allow_privilege_escalation=escalation, allowed_proc_mount_types=None)
    return dataclasses.replace(policy, spec=spec)


def as_sent(policy: PodSecurityPolicy) -> PodSecurityPolicy:
    """The policy as it is sent so that a server keeps it: what is false or empty would differ in every update."""
    # Dropped only while the gate ProcMountType is off, which cannot be known here.
    spec = dataclasses.replace(as_stored(policy).spec, allowed_proc_mount_types=policy.spec.allowed_proc_mount_types)
    return dataclasses.replace(policy, spec=spec)


def _without_empty(part: Any) -> Any:
    if isinstance(part, tuple):
        return tuple(map(_without_empty, part))
    if not dataclasses.is_dataclass(part) or isinstance(part, type):
        return part
    kept: dict[str, Any] = {}
    for field in dataclasses.fields(part):
        value = _without_empty(getattr(part, field.name))
        left_out = value is False or value in ((), "")
        kept[field.name] = None if left_out and field.name not in _KEPT else value
    return dataclasses.replace(part, **kept)

"""A baseline put on a cluster whose plugin is on and lets nothing in; what comes of it is in `revival`.

Nothing that is there is weakened: an object that differs and was not put there by an earlier rescue is somebody's own,
and then nothing at all is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.claims import differing, in_kubectl
from pulumi_pod_security.cluster.creations import WAKING_RIGHTS
from pulumi_pod_security.cluster.named import named
from pulumi_pod_security.cluster.owners import MANAGER
from pulumi_pod_security.cluster.plan import path_of, reference
from pulumi_pod_security.cluster.preflight import READ_RIGHTS
from pulumi_pod_security.cluster.questions import Right
from pulumi_pod_security.cluster.refusal import listed
from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.targets.psp import Manifest, PspManifests

__all__ = ["RESCUE_RIGHTS", "Applied", "NotOurs", "apply"]

_RBAC = "rbac.authorization.k8s.io"
_WRITTEN = (
    ("policy", "podsecuritypolicies"),
    (_RBAC, "clusterroles"),
    (_RBAC, "clusterrolebindings"),
    (_RBAC, "rolebindings"),
)
RESCUE_RIGHTS = (
    *READ_RIGHTS,
    *(
        Right(verb=verb, resource=resource, group=group)
        for group, resource in _WRITTEN
        for verb in ("get", "create", "patch")
    ),
    Right(verb="use", resource="podsecuritypolicies", group="policy"),
    Right(verb="use", resource="podsecuritypolicies", group="extensions"),
    Right(verb="list", resource="nodes"),
    *WAKING_RIGHTS,
)
"""What a rescue asks of the kubeconfig."""

Outcome = Literal["created", "changed", "there already"]


class NotOurs(PodSecurityError):
    """Objects of these names are there and say something else; nothing was written."""


@dataclass(frozen=True, kw_only=True)
class Applied:
    """An object of the baseline, and what became of it."""

    reference: str
    outcome: Outcome


def apply(api: Api, manifests: PspManifests) -> Iterator[Applied]:
    """Put policies, then roles, then bindings there, each when it is taken from the iterator.

    Raises:
        NotOurs: before anything is written.
        ClusterError: the server refused an object, or does not answer.
    """
    found = [(manifest, named(api, reference(manifest))) for manifest in manifests]
    faults = [fault for manifest, live in found if live and (fault := _fault(manifest, live))]
    if faults:
        raise NotOurs(listed(f"these are there already at {api.where} and differ; nothing was written", faults))
    for manifest, live in found:
        outcome: Outcome = "created" if live is None else "changed" if differing(manifest, live) else "there already"
        if outcome != "there already":
            api.apply(path_of(reference(manifest)), manifest, msgspec.Raw, fieldManager=MANAGER)
        yield Applied(reference=reference(manifest), outcome=outcome)


def _fault(manifest: Manifest, live: Mapping[str, Any]) -> str | None:
    """Why an object may not be written over; None when it may, or need not be."""
    found, name = differing(manifest, live), reference(manifest)
    if "roleRef" in found:
        return f"{name} differs in roleRef, which no update can change: {in_kubectl(manifest)}"
    if found and not _is_ours(live):
        return (
            f"{name} differs in {', '.join(found)} and was put there by someone else; if that is a stack, give its "
            "configuration with --stack-file, or run pulumi up --refresh --skip-preview there; else see what it says, "
            f"and choose another policy, role or binding: {in_kubectl(manifest)}"
        )
    return None


def _is_ours(live: Mapping[str, Any]) -> bool:
    """Whether an earlier rescue put it there."""
    managers = live["metadata"].get("managedFields") or ()
    return any(found.get("manager") == MANAGER and found.get("operation") == "Apply" for found in managers)

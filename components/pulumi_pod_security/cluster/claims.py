"""Objects that are on a server already: what they differ in, and which of them a baseline may take over.

An equal one is what a killed run or a rescue left behind, or somebody's who wants the same. Another one is refused: to
write over it would weaken or break what its owner relies on, and to fail half way would leave a baseline without its
guard.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.in_force import differences
from pulumi_pod_security.cluster.named import named
from pulumi_pod_security.cluster.plan import reference
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.psp import Manifest

__all__ = ["differing", "in_kubectl", "require_unclaimed"]

# What says who may use what; the rest of an object is its owner's.
_MEANING = ("rules", "aggregationRule", "roleRef", "subjects")


def differing(manifest: Manifest, live: Mapping[str, Any]) -> list[str]:
    """What differs in meaning; labels and annotations of others do not count."""
    if manifest["kind"] == "PodSecurityPolicy":
        return differences(PodSecurityPolicy.from_manifest(manifest), live)
    return [key for key in _MEANING if live.get(key) != manifest.get(key)]


def in_kubectl(manifest: Manifest) -> str:
    """How it is looked at: `kubectl get rolebinding NAME --namespace NAMESPACE -o yaml`."""
    metadata = manifest["metadata"]
    namespace = f" --namespace {metadata['namespace']}" if "namespace" in metadata else ""
    return f"kubectl get {manifest['kind'].lower()} {metadata['name']}{namespace} -o yaml"


def require_unclaimed(api: Api, manifests: Iterable[Manifest]) -> None:
    """Refuse to create what is there already and says something else.

    Raises:
        PreflightRefused: with every such object.
        ClusterError: no server answers, or the kubeconfig may not read them.
    """
    found = ((manifest, named(api, reference(manifest))) for manifest in manifests)
    claimed = [(manifest, differing(manifest, live)) for manifest, live in found if live is not None]
    faults = [_told(manifest, parts) for manifest, parts in claimed if parts]
    if faults:
        raise PreflightRefused(listed(f"these are there already at {api.where}; nothing was created", faults))


def _told(manifest: Manifest, parts: Iterable[str]) -> str:
    return (
        f"{reference(manifest)} is on the server already, is not this stack's, and differs from the declared one in "
        f"{', '.join(parts)}: give the declared one another name, or declare it as it is there: "
        f"{in_kubectl(manifest)}; what pod-security rescue put there may be brought to the same with its --stack-file"
    )

"""Everyone who is granted a policy by the usual baseline, and whether they can create pods at any moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import plugin_is_on, refused_workloads
from pulumi_pod_security.policy.config import grant_from_config
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.presets import preset
from pulumi_pod_security.targets.psp import psp_manifests
from tests.integration.support.project import GRANTS, POLICIES
from tests.integration.support.provider import apply
from tests.integration.support.sight import PLUGIN, Sight, wait

__all__ = ["can_create_pods", "grant_baseline", "settled"]

_RBAC = "rbac.authorization.k8s.io"
_LOGGED_IN = frozenset({"system:authenticated"})
_CREATORS = (
    (Identity(user="robot", groups=_LOGGED_IN | {"system:nodes"}), "kube-system", True),
    (Identity(user="kubelet", groups=_LOGGED_IN), "kube-system", True),
    (Identity.authenticated_service_account("kube-system", "any"), "kube-system", True),
    (Identity(user="jane", groups=_LOGGED_IN), "shop", False),
)
"""One for each subject: who creates a pod, where, and whether it is privileged."""

# In a row, a third of a second apart: longer than a kubelet's stand-in takes to notice a change.
_CALM = 4

# Everybody may create pods, which says nothing of policies.
_EVERYBODY: Mapping[str, Any] = {
    "apiVersion": f"{_RBAC}/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "everybody"},
    "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": "edit"},
    "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": "system:authenticated"}],
}


def grant_baseline(sight: Sight, folder: Path) -> dict[str, Any]:
    """Put the usual baseline on the cluster; the inputs that every resource of it has."""
    policies = [preset(name) for name in POLICIES]
    manifests = psp_manifests(policies, [grant_from_config(dict(grant)) for grant in GRANTS])
    apply(sight, folder, [*manifests.policies, *manifests.roles, *manifests.bindings, _EVERYBODY])
    return {
        "kubeconfig": str(sight.cluster.kubeconfig()),
        "policies": [json.dumps(policy.to_manifest()) for policy in policies],
        "grants": [dict(grant) for grant in GRANTS],
        "refused": [],
    }


def settled(sight: Sight) -> None:
    """Return when the API server runs as its manifest says, and goes on doing so: a restart may only be about to be."""
    times = 0

    def follows() -> bool | None:
        nonlocal times
        times = times + 1 if _follows(sight) else 0
        return times == _CALM or None

    wait(follows, "the API server following its manifest")


def can_create_pods(sight: Sight) -> None:
    """Fail unless every subject can create a pod that its policy admits, and all that runs could be created again."""
    cluster = _cluster(sight)
    for creator, namespace, privileged in _CREATORS:
        container = {"name": "app", "image": "app", "securityContext": {"privileged": privileged}}
        metadata = {"name": "tried", "namespace": namespace}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}
        assert cluster.dry_run(pod, creator).refusal is None
    assert refused_workloads(cluster) == []


def _follows(sight: Sight) -> bool:
    try:
        return (PLUGIN in sight.files()[1].decode()) == sight.plugin_on() == plugin_is_on(_cluster(sight))
    except ClusterError:
        return False


def _cluster(sight: Sight) -> Cluster:
    """The cluster, with nothing remembered."""
    return Cluster(Connection(kubeconfig=str(sight.cluster.kubeconfig())).open())

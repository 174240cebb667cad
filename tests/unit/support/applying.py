"""A cluster that keeps what is applied to it, says who applied it, and lets pods in by that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pulumi_pod_security.cluster.plan import path_of, reference
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored
from pulumi_pod_security.targets.psp import Manifest, PspManifests
from tests.unit.support.rollouts import Rollouts
from tests.unit.support.standin import Call, Reply

__all__ = ["Applying"]

_COLLECTIONS = ("podsecuritypolicies", "clusterroles", "clusterrolebindings", "rolebindings")


@dataclass(kw_only=True)
class Applying(Rollouts):
    """Such a cluster; there is no policy at first.

    Attributes:
        objects: policies, roles and bindings by their paths.
        applied: the paths that were applied to, in order.
        nodes: what each node says, and whether it is ready; a pod of `kube-system` makes all of them ready.
        refusing: paths at which the server refuses what is applied.
    """

    objects: dict[str, Manifest] = field(default_factory=dict)
    applied: list[str] = field(default_factory=list)
    nodes: dict[str, bool] = field(default_factory=dict)
    refusing: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Let nobody in."""

    def have(self, *manifests: Manifest, manager: str = "kubectl") -> None:
        """Objects that somebody put there before."""
        for manifest in manifests:
            self._keep(path_of(reference(manifest)), manifest, manager)

    def grant(self, manifests: PspManifests) -> None:
        """Have all of it."""
        self.have(*manifests)

    def answer(self, call: Call) -> Reply:
        """What the API server says."""
        if call.path.split("/")[-2] in _COLLECTIONS and call.method in ("GET", "PATCH"):
            return self._object(call)
        if call.path == "/api/v1/nodes":
            self.calls.append(call)
            return Reply(body={"items": [self._node(name) for name in self.nodes]})
        return super().answer(call)

    def _object(self, call: Call) -> Reply:
        self.calls.append(call)
        if call.method == "PATCH":
            if call.path in self.refusing:
                return Reply(code=422, body={"message": "no", "reason": "Invalid"})
            self.applied.append(call.path)
            self._keep(call.path, call.body, call.query["fieldManager"])
        found = self.objects.get(call.path)
        return Reply(code=404, body={"message": "not found"}) if found is None else Reply(body=found)

    def _keep(self, path: str, manifest: Manifest, manager: str) -> None:
        if manifest["kind"] == "PodSecurityPolicy":
            manifest = as_stored(PodSecurityPolicy.from_manifest(manifest)).to_manifest()
            self.lists.setdefault("/apis/policy/v1beta1/podsecuritypolicies", []).append(manifest)
        fields = [{"manager": manager, "operation": "Apply" if manager == "pod-security" else "Update"}]
        metadata = {**manifest["metadata"], "managedFields": fields}
        self.objects[path] = {**manifest, "metadata": metadata}
        for subject in manifest.get("subjects") or ():
            role = self.objects.get(f"/apis/rbac.authorization.k8s.io/v1/clusterroles/{manifest['roleRef']['name']}")
            for rule in (role or {}).get("rules", ()):
                for policy in rule["resourceNames"]:
                    self.uses.add((subject["name"], policy, metadata.get("namespace")))

    def _node(self, name: str) -> dict[str, Any]:
        ready = self.nodes[name] or any(pod["metadata"]["namespace"] == "kube-system" for pod in self.pods)
        words = "kubelet is posting ready status" if ready else "cni plugin not initialized"
        condition = {"type": "Ready", "status": str(ready), "reason": "Kubelet", "message": words}
        return {"metadata": {"name": name}, "status": {"conditions": [condition]}}

"""A cluster whose controllers follow: a restarted template or an evicted pod brings new pods, soon, later or never."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_pod_security.cluster.owners import KINDS, Owner
from pulumi_pod_security.cluster.pods import RESTARTED_AT
from pulumi_pod_security.policy import presets
from tests.unit.support.objects import Object, pod_spec
from tests.unit.support.standin import Call, Reply
from tests.unit.support.world import World

__all__ = ["OLD", "Rollouts", "owned", "running"]

OLD = "eks.privileged"
_PSP = "kubernetes.io/psp"
_COUNTS = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
_NODES = ("desiredNumberScheduled", "currentNumberScheduled", "updatedNumberScheduled", "numberAvailable")


def running(name: str, policy: str | None = OLD, *, namespace: str = "shop", **more: Any) -> Object:
    """A pod that is ready; more are members of its metadata."""
    annotations = {**more.pop("annotations", {}), **({} if policy is None else {_PSP: policy})}
    metadata = {"name": name, "namespace": namespace, "annotations": annotations, **more}
    conditions = [{"type": "Ready", "status": "True"}]
    return {"metadata": metadata, "spec": pod_spec(), "status": {"phase": "Running", "conditions": conditions}}


def owned(kind: str, name: str) -> dict[str, Any]:
    """Metadata of what a controller makes."""
    return {"ownerReferences": [{"kind": kind, "name": name, "controller": True}]}


@dataclass(kw_only=True)
class Rollouts(World):
    """Such a cluster; everyone may use the policy `privileged`, and the plugin is on.

    Attributes:
        owners: workloads as the server keeps them.
        pods: all pods.
        slow: how many times a rollout is looked at before it is complete.
        stuck: workloads whose new pods never come to be.
        budget: how many evictions are refused first.
        changed: what was restarted (PATCH), evicted and woken, as `PATCH name`.
    """

    enforcing: bool = True
    owners: dict[Owner, Object] = field(default_factory=dict)
    pods: list[Object] = field(default_factory=list)
    slow: int = 0
    stuck: set[str] = field(default_factory=set)
    budget: int = 0
    changed: list[str] = field(default_factory=list)
    _pending: dict[Owner, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let everyone in."""
        self.put(presets.privileged())
        self.uses.add(("system:authenticated", "privileged", None))

    def run(self, kind: str, name: str, *policies: str | None, namespace: str = "shop", **spec: Any) -> Owner:
        """A workload with a pod for each of these policies."""
        owner = Owner(namespace, kind, name)
        metadata = {"name": name, "namespace": namespace, "generation": 1}
        wanted = {"replicas": len(policies)} if kind != "DaemonSet" else {}
        found = {"metadata": metadata, "spec": {**wanted, "template": {"spec": pod_spec()}, **spec}}
        self.owners[owner] = found
        maker = owned(kind, name)
        if kind == "Deployment":
            self.owners[Owner(namespace, "ReplicaSet", f"{name}-1")] = {
                **found,
                "metadata": {"name": f"{name}-1", "namespace": namespace, "generation": 1, **maker},
                "status": {"observedGeneration": 1, **dict.fromkeys(_COUNTS, len(policies))},
            }
            maker = owned("ReplicaSet", f"{name}-1")
        for number, policy in enumerate(policies):
            self.pods.append(running(f"{name}-{number}", policy, namespace=namespace, **maker))
        self._complete(owner)
        return owner

    def carried(self, name: str) -> list[str | None]:
        """The policies that the pods of a workload carry."""
        return [pod["metadata"]["annotations"].get(_PSP) for pod in self._of(name)]

    def interrupt(self, owner: Owner, at: str) -> None:
        """As after a restart by a run that was killed: nothing has been made anew yet."""
        self._restart(owner, at)

    def answer(self, call: Call) -> Reply:
        """What the API server says."""
        if call.path.endswith("/eviction"):
            return self._evicted(call)
        for owner, found in self.owners.items():
            if call.path == owner.path:
                return self._asked(call, owner, found)
        return super().answer(call)

    def _asked(self, call: Call, owner: Owner, found: Object) -> Reply:
        self.calls.append(call)
        if call.method == "PATCH":
            self._patched(call.body, owner)
        elif owner in self._pending and owner.name not in self.stuck:
            self._pending[owner] -= 1
            if self._pending[owner] < 0:
                del self._pending[owner]
                self._renew(owner)
        return Reply(body=found)

    def _patched(self, change: Mapping[str, Any], owner: Owner) -> None:
        if "spec" in change:
            self.changed.append(f"PATCH {owner.name}")
            self._restart(owner, change["spec"]["template"]["metadata"]["annotations"][RESTARTED_AT])
        elif None not in change["metadata"]["annotations"].values():
            self.changed.append(f"WAKE {owner.name}")
            self._create(owner)

    def _create(self, owner: Owner) -> None:
        """What its controller lacks, unless nothing ever comes to be."""
        missing = self.owners[owner]["spec"].get("replicas", 1) - len(self._of(owner.name))
        if owner.name in self.stuck:
            return
        for number in range(missing):
            maker = owned(owner.kind, owner.name)
            self.pods.append(running(f"{owner.name}-{number}", "privileged", namespace=owner.namespace, **maker))
        self._complete(owner)

    def _restart(self, owner: Owner, at: str) -> None:
        found = self.owners[owner]
        found["spec"]["template"]["metadata"] = {"annotations": {RESTARTED_AT: at}}
        found["metadata"]["generation"] += 1
        found["status"] = {**found["status"], "updatedReplicas": 0, "updatedNumberScheduled": 0}
        found["status"]["observedGeneration"] = found["metadata"]["generation"]
        self._pending[owner] = self.slow

    def _renew(self, owner: Owner) -> None:
        template = self.owners[owner]["spec"]["template"].get("metadata", {})
        for pod in self._of(owner.name):
            pod["metadata"]["annotations"] = {**template.get("annotations", {}), _PSP: "privileged"}
        self._complete(owner)

    def _complete(self, owner: Owner) -> None:
        found, pods = self.owners[owner], len(self._of(owner.name))
        counts = dict.fromkeys(_NODES if owner.kind == "DaemonSet" else _COUNTS, pods)
        found["status"] = {"observedGeneration": found["metadata"]["generation"], **counts}

    def _of(self, name: str) -> list[Object]:
        return [pod for pod in self.pods if pod["metadata"]["name"].rpartition("-")[0] == name]

    def _evicted(self, call: Call) -> Reply:
        self.calls.append(call)
        name = call.body["metadata"]["name"]
        if self.budget:
            self.budget -= 1
            return Reply(code=429, body={"message": "it would violate the pod's disruption budget", "reason": "x"})
        self.changed.append(f"EVICT {name}")
        (pod,) = [pod for pod in self.pods if pod["metadata"]["name"] == name]
        if name.rpartition("-")[0] in self.stuck:
            self.pods.remove(pod)
        else:
            pod["metadata"] |= {"name": f"{name}x", "annotations": {_PSP: "privileged"}}
        return Reply(code=201, body={})

    def _listed(self, call: Call) -> Reply:
        *scope, resource = call.path.removeprefix("/api/v1/").split("/")
        namespace = scope[-1] if "namespaces" in scope else None
        found: list[Mapping[str, Any]] | None = None
        if resource == "pods":
            found = list(self.pods)
        for kind, (_, named) in KINDS.items():
            if resource == named:
                found = [each for owner, each in self.owners.items() if owner.kind == kind]
        if found is None:
            return super()._listed(call)
        return Reply(body={"items": [x for x in found if namespace in (None, x["metadata"]["namespace"])]})

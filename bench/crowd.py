"""A real control plane with many pods, put there straight through the API: no controller makes them or sees them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.fixtures.waiting import eventually
from tests.integration.support.asking import WORKERS, Asker, Question
from tools.controlplane import ControlPlane

__all__ = ["Crowd"]

Manifest = dict[str, Any]
_NAMESPACES = tuple(f"team-{number}" for number in range(10))
_APPS = "/apis/apps/v1/namespaces"
_POLICY = "/apis/policy/v1beta1/podsecuritypolicies"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"


class Crowd:
    """Deployments, each with its ReplicaSet and as many pods as were asked for."""

    def __init__(self, cluster: ControlPlane, workloads: int) -> None:
        self._asker = Asker(cluster)
        self._pods = 0
        self._asker.make(*(_create("/api/v1/namespaces", {"metadata": {"name": name}}) for name in _NAMESPACES))
        for name in _NAMESPACES:
            account = Question(method="GET", path=f"/api/v1/namespaces/{name}/serviceaccounts/default")
            eventually(lambda account=account: self._asker.ask(account).code == 200)  # type: ignore[misc]
        # What nobody schedules, counts and collects any more takes the API server's time alone.
        for component in ("kube-controller-manager", "kube-scheduler"):
            (cluster.manifests / f"{component}.yaml").unlink()
        with ThreadPoolExecutor(WORKERS) as workers:
            self._owners = list(workers.map(self._workload, range(workloads)))

    def enact(self, policy: Manifest, role: Manifest, binding: Manifest) -> None:
        """Put a policy and its grant there."""
        paths = (_POLICY, f"{_RBAC}/clusterroles", f"{_RBAC}/clusterrolebindings")
        self._asker.make(*map(_create, paths, (policy, role, binding)))

    def grow(self, pods: int) -> None:
        """Add pods, evenly, until there are so many."""
        with ThreadPoolExecutor(WORKERS) as workers:
            for reply in workers.map(self._asker.ask, self._missing(pods)):
                assert reply.code == 201, reply.body

    def _missing(self, pods: int) -> Iterator[Question]:
        for index in range(self._pods, pods):
            owner = self._owners[index % len(self._owners)]
            metadata = owner["metadata"]
            template = owner["spec"]["template"]
            reference = {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "name": metadata["name"],
                "uid": metadata["uid"],
            }
            named = {
                "name": f"{metadata['name']}-{secrets.token_hex(4)}",
                "generateName": f"{metadata['name']}-",
                "labels": template["metadata"]["labels"],
                "annotations": {
                    "network.example.com/address": f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"
                },
                "ownerReferences": [{**reference, "controller": True, "blockOwnerDeletion": True}],
            }
            spec = {**template["spec"], "nodeName": f"far-{index % 100}"}
            yield _create(f"/api/v1/namespaces/{metadata['namespace']}/pods", {"metadata": named, "spec": spec})
        self._pods = max(pods, self._pods)

    def _workload(self, index: int) -> Manifest:
        """A Deployment with its ReplicaSet, which is given back as the server keeps it."""
        namespace, name = _NAMESPACES[index % len(_NAMESPACES)], f"web-{index}"
        spec = _spec(name)
        (deployment,) = self._asker.make(
            _create(f"{_APPS}/{namespace}/deployments", {"metadata": {"name": name}, "spec": spec})
        )
        metadata = deployment.content["metadata"]
        reference = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": name,
            "uid": metadata["uid"],
            "controller": True,
        }
        owned = {"name": f"{name}-7d4b1f9c6a", "ownerReferences": [reference]}
        (made,) = self._asker.make(_create(f"{_APPS}/{namespace}/replicasets", {"metadata": owned, "spec": spec}))
        content: Manifest = made.content
        return content


def _create(path: str, body: Manifest) -> Question:
    return Question(method="POST", path=path, body=body)


def _spec(name: str) -> Manifest:
    """Two containers with all that people write into them."""
    probe = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10}
    app: Manifest = {
        "name": name,
        "image": f"registry.example.com/{name}:1.2.3",
        "ports": [{"containerPort": 8080}],
        "env": [{"name": key, "value": "a value of some length"} for key in ("LEVEL", "REGION", "TARGET")],
        "livenessProbe": probe,
        "readinessProbe": probe,
        "resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": "100m", "memory": "128Mi"}},
        "securityContext": {"runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "settings", "mountPath": "/etc/app"}],
    }
    sidecar = {"name": "proxy", "image": "registry.example.com/proxy:1", "volumeMounts": app["volumeMounts"][:1]}
    pod = {
        "initContainers": [{"name": "wait", "image": "registry.example.com/wait:1"}],
        "containers": [app, sidecar],
        "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "settings", "configMap": {"name": name}}],
    }
    labels = {"app": name}
    return {
        "replicas": 10,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }

"""Pods that the verdicts are taken on: random ones, and such as Deployments make. No two are equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

import msgspec

from tests.fixtures.psp_pods import random_pod
from tests.fixtures.psp_values import Manifest

__all__ = ["KINDS", "distinct_pods"]

_HARDENED = {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
_SECURITY: tuple[Manifest, ...] = (_HARDENED, _HARDENED, {**_HARDENED, "readOnlyRootFilesystem": True}, {})
_SIDECAR = {"name": "proxy", "image": "registry.example.com/proxy:1", "ports": [{"containerPort": 15090}]}
_VOLUMES: tuple[Manifest, ...] = (
    {"name": "config", "configMap": {"name": "web"}},
    {"name": "cache", "emptyDir": {}},
    {"name": "keys", "secret": {"secretName": "keys"}},
)


def _deployed_pod(rng: Random) -> Manifest:
    """A pod as a Deployment's ReplicaSet sends it."""
    security, digits = rng.choice(_SECURITY), f"{rng.randrange(16**8):08x}"
    volumes = rng.sample(_VOLUMES, rng.randrange(3))
    container = {
        "name": rng.choice(("web", "api", "worker")),
        "image": f"registry.example.com/web:{digits}",
        "ports": [{"name": "http", "containerPort": rng.choice((8080, 9000))}],
        "env": [{"name": f"SETTING_{number}", "value": digits} for number in range(rng.randrange(8))],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
        "volumeMounts": [{"name": volume["name"], "mountPath": f"/m/{volume['name']}"} for volume in volumes],
        **({"securityContext": security} if security else {}),
    }
    sidecars = [{**_SIDECAR, "securityContext": _HARDENED}] if rng.random() < 0.2 else []
    metadata = {
        "generateName": f"web-{digits}-",
        "labels": {"app": "web", "pod-template-hash": digits},
        "annotations": {"prometheus.io/scrape": "true"},
    }
    spec = {"serviceAccountName": "web.front", "containers": [container, *sidecars], "volumes": volumes}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


KINDS: Mapping[str, Callable[[Random], Manifest]] = {"random pods": random_pod, "pods of Deployments": _deployed_pod}


def distinct_pods(make: Callable[[Random], Manifest], seed: str) -> Iterator[Manifest]:
    """Pods without end, no two of them with the same spec."""
    rng, seen = Random(seed), set[bytes]()
    while True:
        pod = make(rng)
        text = msgspec.json.encode(pod["spec"])
        if text not in seen:
            seen.add(text)
            yield pod

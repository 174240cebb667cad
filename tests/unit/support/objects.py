"""Kubernetes objects as an API server lists them, made from as few words as a test needs."""

from __future__ import annotations

from typing import Any

__all__ = ["cron_job", "metadata", "mirror_pod", "owner", "pod", "pod_spec"]

Object = dict[str, Any]


def metadata(name: str, namespace: str = "shop", **more: Any) -> Object:
    """ObjectMeta."""
    return {"name": name, "namespace": namespace, **more}


def pod_spec(**more: Any) -> Object:
    """A pod spec with one container."""
    return {"containers": [{"name": "app", "image": "app"}], **more}


def owner(name: str, namespace: str = "shop", *, replicas: int | None = None, spec: Object | None = None) -> Object:
    """A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job or ReplicationController: lists do not say which."""
    counted = {} if replicas is None else {"replicas": replicas}
    template = {"metadata": {"labels": {"app": name}}, "spec": spec or pod_spec()}
    return {"metadata": metadata(name, namespace), "spec": {**counted, "template": template}}


def cron_job(name: str, namespace: str = "shop") -> Object:
    """A CronJob."""
    return {
        "metadata": metadata(name, namespace),
        "spec": {"jobTemplate": {"spec": {"template": {"spec": pod_spec(serviceAccountName="nightly")}}}},
    }


def pod(
    name: str, namespace: str = "shop", *, spec: Object | None = None, phase: str = "Running", **more: Any
) -> Object:
    """A pod; more are members of its metadata."""
    return {"metadata": metadata(name, namespace, **more), "spec": spec or pod_spec(), "status": {"phase": phase}}


def mirror_pod(name: str, node: str = "cp") -> Object:
    """The mirror pod that a kubelet makes of a static Pod."""
    annotations = {"kubernetes.io/config.mirror": "0123456789abcdef"}
    return pod(f"{name}-{node}", "kube-system", spec=pod_spec(nodeName=node), annotations=annotations)

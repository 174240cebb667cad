"""The objects that make machines out of nothing: Nodes for kwok to keep alive, and what kwok may do."""

from pathlib import Path
from typing import Any

import yaml

from tools.controlplane.settings import CONTROL_PLANE_NODE

__all__ = ["kwok_objects", "node_objects"]

CONTROL_PLANE_ROLE = "node-role.kubernetes.io/control-plane"


def kwok_objects() -> list[dict[str, Any]]:
    """The role of kwok and its binding."""
    return list(yaml.safe_load_all((Path(__file__).parent / "objects" / "kwok.yaml").read_text()))


def node_objects(workers: int) -> list[dict[str, Any]]:
    """The Nodes as kubeadm and kubelets leave them: beside workers, the control-plane node takes no ordinary pods."""
    taints = [{"key": CONTROL_PLANE_ROLE, "effect": "NoSchedule"}] if workers else []
    control_plane = _node(CONTROL_PLANE_NODE, {CONTROL_PLANE_ROLE: ""}, {"taints": taints})
    return [control_plane, *(_node(f"worker-{number}", {}, {}) for number in range(1, workers + 1))]


def _node(name: str, labels: dict[str, str], spec: dict[str, Any]) -> dict[str, Any]:
    own = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {**own, **labels}}, "spec": spec}

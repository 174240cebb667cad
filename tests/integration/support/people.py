"""Users of a cluster who are not its admin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.integration.support.sight import Sight
from tools.controlplane import User

__all__ = ["Rule", "everyone_may_use", "kubeconfig_of"]

Rule = dict[str, list[str]]

_API = "rbac.authorization.k8s.io"


def kubeconfig_of(name: str, rules: Sequence[Rule], sight: Sight, folder: Path) -> Path:
    """The kubeconfig of a user who may do this much and no more."""
    subject = {"apiGroup": _API, "kind": "User", "name": name}
    _bind(name, rules, subject, sight, folder)
    return sight.cluster.kubeconfig(User(name=name))


def everyone_may_use(sight: Sight, folder: Path) -> Path:
    """Let every service account use every policy; the file of what that takes."""
    rule = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
    subject = {"apiGroup": _API, "kind": "Group", "name": "system:serviceaccounts"}
    return _bind("everything", [rule], subject, sight, folder)


def _bind(name: str, rules: Sequence[Rule], subject: dict[str, str], sight: Sight, folder: Path) -> Path:
    named: dict[str, Any] = {"apiVersion": f"{_API}/v1", "metadata": {"name": name}}
    role = {**named, "kind": "ClusterRole", "rules": list(rules)}
    reference = {"apiGroup": _API, "kind": "ClusterRole", "name": name}
    binding = {**named, "kind": "ClusterRoleBinding", "roleRef": reference, "subjects": [subject]}
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump_all([role, binding]), encoding="utf-8")
    sight.kubectl.run("apply", f"--filename={file}")
    return file

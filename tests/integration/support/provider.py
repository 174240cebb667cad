"""A provider's cluster: the plugin on from the start, behind defaults that let every pod in; and a program for it."""

import json
import random
import string
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pulumi_pod_security.platforms.saved import kept
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.stored import as_stored
from tests.integration.support.project import TIMEOUT_SECONDS, Project
from tests.integration.support.sight import Sight

__all__ = [
    "EKS",
    "MKE",
    "PLANTED",
    "apply",
    "by_reference",
    "cluster_role_binding",
    "eks_objects",
    "enforce_with",
    "mke_objects",
    "open_platform",
    "stored",
    "use_of",
]

EKS = (
    "ClusterRoleBinding/eks:podsecuritypolicy:authenticated",
    "ClusterRole/eks:podsecuritypolicy:privileged",
    "PodSecurityPolicy/eks.privileged",
)
MKE = ("ClusterRoleBinding/ucp:all:privileged-psp-role",)
PLANTED = "hunter2-in-an-annotation"
"""In an annotation of one of the defaults; no output may ever show it."""

_RBAC = "rbac.authorization.k8s.io"
_PROGRAM = """\
import pulumi

import pulumi_pod_security as ps
from pulumi_pod_security.errors import PodSecurityError
from stacks.baseline import baseline_stack
from stacks.config import read_config

try:
    baseline = baseline_stack(read_config(pulumi.Config("pod-security")))
    args = ps.{kind}EnablementArgs(baseline=baseline, timeout_seconds={seconds})
    pulumi.export("enforced", ps.{kind}Enablement("enforce", args).enforced)
except PodSecurityError as error:
    raise pulumi.RunError(str(error)) from None
"""


def enforce_with(project: Project, kind: str) -> None:
    """Have the project enforce its baseline by the component of a kind, such as `Eks`."""
    text = _PROGRAM.format(kind=kind, seconds=TIMEOUT_SECONDS)
    (project.stack.project / "__main__.py").write_text(text, encoding="utf-8")
    project.configure(platform=None)


def open_platform(sight: Sight, folder: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    """Put the defaults on the cluster, then turn the plugin on, and have everything that runs admitted by them."""
    apply(sight, folder, objects)
    sight.cluster.restart_api_server({"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"})
    sight.can_create_pods()


def apply(sight: Sight, folder: Path, objects: Iterable[Mapping[str, Any]]) -> None:
    """Apply objects as their provider does."""
    # YAML would not do: PyYAML writes the label `y` without quotes, and kubectl reads a truth value.
    file = folder / "objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}), encoding="utf-8")
    sight.kubectl.run("apply", f"--filename={file}")


def stored(sight: Sight, references: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The objects that are there, every field but for what the server writes by itself."""
    found = {}
    for reference in references:
        kind, _, name = reference.partition("/")
        if text := sight.kubectl.run("get", kind.lower(), name, "--ignore-not-found", "--output=json"):
            found[reference] = kept(json.loads(text))
    return found


def by_reference(objects: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Objects by `Kind/name`."""
    return {f"{found['kind']}/{found['metadata']['name']}": found for found in objects}


def use_of(policy: str) -> dict[str, Any]:
    """The rule of a role that allows a policy."""
    return {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "resourceNames": [policy], "verbs": ["use"]}


def eks_objects(seed: int) -> list[dict[str, Any]]:
    """The trio, with what the provider writes and random labels, annotations and subjects beside it."""
    chance = random.Random(seed)
    binding, role, name = (reference.partition("/")[2] for reference in EKS)
    policy = as_stored(presets.privileged()).to_manifest()
    metadata = [_metadata(chance, name) for name in (binding, role, name)]
    metadata[2]["annotations"] |= policy["metadata"]["annotations"]
    everyone = {"apiGroup": _RBAC, "kind": "Group", "name": "system:authenticated"}
    reference = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role}
    named = {"apiVersion": f"{_RBAC}/v1"}
    subjects = [everyone, *_subjects(chance)]
    return [
        {**policy, "metadata": metadata[2]},
        {**named, "kind": "ClusterRole", "metadata": metadata[1], "rules": [use_of(name)]},
        {**named, "kind": "ClusterRoleBinding", "metadata": metadata[0], "roleRef": reference, "subjects": subjects},
    ]


def mke_objects() -> list[dict[str, Any]]:
    """The engine's policies, as its documentation shows them, with their roles; everyone has the first."""
    own = ("privileged", "unprivileged")
    policies = [as_stored(presets.preset(name)).to_manifest() for name in own]
    # The engine's own say nothing of seccomp.
    plain = [{**found, "metadata": {"name": found["metadata"]["name"]}} for found in policies]
    roles = [_cluster_role(f"{name}-psp-role", use_of(name)) for name in own]
    groups = ("system:authenticated", "system:serviceaccounts")
    subjects = [{"apiGroup": _RBAC, "kind": "Group", "name": group} for group in groups]
    (binding,) = MKE
    return [*plain, *roles, cluster_role_binding(binding.partition("/")[2], "privileged-psp-role", subjects)]


def cluster_role_binding(name: str, role: str, subjects: list[dict[str, Any]]) -> dict[str, Any]:
    """A binding to a ClusterRole, in every namespace."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": subjects,
    }


def _cluster_role(name: str, rule: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": f"{_RBAC}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule]}


def _metadata(chance: random.Random, name: str) -> dict[str, Any]:
    labels = {_word(chance): _word(chance) for _ in range(chance.randrange(5))}
    annotations = {f"{_word(chance)}/{_word(chance)}": _text(chance) for _ in range(chance.randrange(5))}
    own = {"eks.amazonaws.com/component": "pod-security-policy", "kubernetes.io/cluster-service": "true"}
    return {"name": name, "labels": {**labels, **own}, "annotations": {**annotations, "note": f"token {PLANTED}"}}


def _subjects(chance: random.Random) -> list[dict[str, Any]]:
    subjects: list[dict[str, Any]] = []
    for _ in range(chance.randrange(6)):
        kind = chance.choice(("User", "Group", "ServiceAccount"))
        place = {"namespace": _word(chance)} if kind == "ServiceAccount" else {"apiGroup": _RBAC}
        subjects.append({"kind": kind, "name": _word(chance), **place})
    return subjects


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(1, 12)))


def _text(chance: random.Random) -> str:
    return "".join(chance.choices(string.printable + "äß€\u2028😀", k=chance.randrange(80))).replace("\r", "")

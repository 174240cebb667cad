"""The places of the stack's configuration: how they are written, what may stand there, and an example of it."""

import dataclasses
from collections.abc import Mapping
from typing import get_args

import pulumi_pod_security as ps
from pulumi_pod_security.errors import one_of
from pulumi_pod_security.policy.enforcement import WISHES
from pulumi_pod_security.targets.cel import Stage
from pulumi_pod_security.targets.psa import MODES
from stacks.platforms import KINDS

__all__ = ["KEYS", "NAMESPACE", "Path", "allowed", "examples", "shown"]

NAMESPACE = "pod-security"

Path = tuple[str | int, ...]
"""A key and what is below it: `("grants", 0, "to")` is `grants[0].to`."""

KEYS = (
    *("policies", "grants", "admins", "namespaces", "platform", "enforcement", "stage", "standards"),
    *("kubeconfig", "context"),
)

_ANY = "*"
_SUBJECT = "a subject, such as 'authenticated' or 'user:NAME'"
_FILE = "the path of a file"
_LEVEL = "privileged, baseline or restricted, or one of them with a version, such as 'restricted:v1.30'"


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Place:
    """What may stand at a place.

    Attributes:
        allowed: in words.
        examples: values, with where they go below the place.
    """

    allowed: str
    examples: tuple[tuple[Path, str | int], ...]


def _of(allowed: str, *examples: tuple[Path, str | int]) -> _Place:
    return _Place(allowed=allowed, examples=examples)


_PLACES: Mapping[Path, _Place] = {
    ("policies",): _of(f"a list of presets ({', '.join(ps.PRESETS)}) or policy manifests", ((0,), "privileged")),
    ("policies", _ANY): _of("the name of a preset, a map with preset and name, or a policy manifest", ((), "default")),
    ("policies", _ANY, "preset"): _of("the name of a preset", ((), "default")),
    ("policies", _ANY, "name"): _of("another name for the preset's policy", ((), "users")),
    ("grants",): _of("a list of grants", ((0, "policy"), "default"), ((0, "to", 0), "user:NAME")),
    ("grants", _ANY): _of("a map with policy and to", (("policy",), "default"), (("to", 0), "user:NAME")),
    ("grants", _ANY, "policy"): _of("the name of a policy", ((), "default")),
    ("grants", _ANY, "to"): _of("a list of subjects, such as ['authenticated']", ((0,), "user:NAME")),
    ("grants", _ANY, "to", _ANY): _of(_SUBJECT, ((), "user:NAME")),
    ("grants", _ANY, "namespace"): _of("the name of a namespace", ((), "default")),
    ("grants", _ANY, "namespaces"): _of(f"a list of groups of {NAMESPACE}:namespaces", ((0,), "GROUP")),
    ("grants", _ANY, "namespaces", _ANY): _of(f"the name of a group of {NAMESPACE}:namespaces", ((), "GROUP")),
    ("grants", _ANY, "role"): _of("the name of a ClusterRole", ((), "VALUE")),
    ("grants", _ANY, "binding"): _of("the name of a binding", ((), "VALUE")),
    ("admins",): _of("a list of subjects, such as ['group:NAME']", ((0,), "user:NAME")),
    ("admins", _ANY): _of(_SUBJECT, ((), "user:NAME")),
    ("namespaces",): _of("a map of groups, each a list of namespaces", (("GROUP", 0), "default")),
    ("namespaces", _ANY): _of("a list of namespaces", ((0,), "default")),
    ("namespaces", _ANY, _ANY): _of("the name of a namespace", ((), "default")),
    ("platform",): _of("a map with kind, and with the keys that this kind has", (("kind",), "kubeadm")),
    ("platform", "kind"): _of(
        f"{one_of(KINDS)}; without a platform only policies and grants are made", ((), "kubeadm")
    ),
    ("platform", "project"): _of("the id of a project", ((), "PROJECT")),
    ("platform", "location"): _of("a region or zone", ((), "europe-west1")),
    ("platform", "subscription"): _of("the id of a subscription", ((), "SUBSCRIPTION")),
    ("platform", "resourceGroup"): _of("the name of a resource group", ((), "GROUP")),
    ("platform", "region"): _of("a region", ((), "fr-par")),
    ("platform", "cluster"): _of("the name of a cluster, or its id on Kapsule", ((), "CLUSTER")),
    ("platform", "server"): _of(
        "the kubeconfig's server, where it is a tunnel or proxy to the cluster", ((), "https://127.0.0.1:6443")
    ),
    ("platform", "config"): _of(_FILE, ((), "kubeadm.yaml")),
    ("platform", "manifests"): _of("the path of a folder", ((), "/etc/kubernetes/manifests")),
    ("platform", "kubeadm"): _of(_FILE, ((), "/usr/bin/kubeadm")),
    ("platform", "timeoutSeconds"): _of("a whole number of seconds, 1 or more", ((), 300)),
    ("enforcement",): _of(f"{one_of(WISHES)}; auto takes the best that the server can do", ((), "auto")),
    ("stage",): _of(f"{one_of(get_args(Stage))}: what becomes of pods that no policy accepts", ((), "deny")),
    ("standards",): _of(
        "a map with namespaces, and with a level for enforce, audit or warn",
        (("namespaces", 0), "default"),
        (("enforce",), "baseline"),
    ),
    ("standards", "namespaces"): _of("a list of namespaces", ((0,), "default")),
    ("standards", "namespaces", _ANY): _of("the name of a namespace", ((), "default")),
    **{("standards", mode): _of(_LEVEL, ((), "baseline")) for mode in MODES},
    ("kubeconfig",): _of("the path of a kubeconfig, or its contents as a secret", ((), "/etc/kubernetes/admin.conf")),
    ("context",): _of(
        "the name of a context, as `kubectl config get-contexts --output=name` lists them", ((), "CONTEXT")
    ),
}


def shown(path: Path) -> str:
    """The path as Pulumi writes it: `grants[0].to`, `namespaces["a.b"]`."""
    first, *rest = path
    return str(first) + "".join(map(_segment, rest))


def allowed(path: Path) -> str:
    """What may stand at the path, in words."""
    return _place(path).allowed


def examples(path: Path) -> tuple[tuple[Path, str | int], ...]:
    """Values of the right type, with where they go below the path."""
    return _place(path).examples


def _place(path: Path) -> _Place:
    # Groups of namespaces have names of the user's own.
    free = path[0] == "namespaces"
    shape = (path[0], *(_ANY if free or isinstance(segment, int) else segment for segment in path[1:]))
    return _PLACES.get(shape, _of("another value", ((), "VALUE")))


def _segment(segment: str | int) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    if segment.replace("-", "").replace("_", "").isalnum():
        return f".{segment}"
    quoted = segment.replace('"', '\\"')
    return f'["{quoted}"]'

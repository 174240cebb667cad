"""What may be wrong in the keys beside policies and grants, and in the keys themselves."""

from __future__ import annotations

from typing import Any

from tests.unit.support.stackfile import Secret
from tests.unit.support.wrong_config import case

__all__ = ["OTHERS"]

GRANT = {"policy": "default", "to": ["nodes"]}
KUBEADM = {"kind": "kubeadm", "config": "/k"}


def _platform(**changes: Any) -> dict[str, Any]:
    return {"platform": {**KUBEADM, **changes}}


OTHERS = (
    case(
        "groups-list",
        {"namespaces": ["a"]},
        "namespaces",
        "a list; allowed: a map of groups, each a list of namespaces",
        "rm pod-security:namespaces && pulumi config set --path 'pod-security:namespaces.GROUP[0]' default",
    ),
    case(
        "group-text",
        {"namespaces": {"team.a": "x"}},
        'namespaces["team.a"]',
        "'x'; allowed: a list of namespaces",
        "rm --path 'pod-security:namespaces[\"team.a\"]' && "
        "pulumi config set --path 'pod-security:namespaces[\"team.a\"][0]' x",
    ),
    case(
        "group-null",
        {"namespaces": {"infra": None}},
        "namespaces.infra",
        "nothing; allowed: a list of namespaces",
        "set --path 'pod-security:namespaces.infra[0]' default",
    ),
    case(
        "group-with-a-wrong-name",
        {"namespaces": {"infra": ["a", "B"]}},
        "namespaces.infra[1]",
        "'B'; allowed: at most 63 of a-z",
        "set --path 'pod-security:namespaces.infra[1]' default",
    ),
    case(
        "admins-text",
        {"admins": "user:jane"},
        "admins",
        "'user:jane'; allowed: a list of subjects, such as ['group:NAME']",
        "set --path 'pod-security:admins[0]' user:jane",
    ),
    case(
        "admin-without-kind",
        {"admins": ["jane"]},
        "admins[0]",
        "'jane'; allowed: 'user:jane', 'group:jane' or 'serviceaccount:jane'",
        "set --path 'pod-security:admins[0]' user:NAME",
    ),
    case(
        "admin-twice",
        {"admins": ["user:jane", "user:jane"]},
        "admins[1]",
        "'jane'; allowed: each of them once; admins[0] is the same",
        "rm --path 'pod-security:admins[1]'",
    ),
    case(
        "platform-text",
        {"platform": "kubeadm"},
        "platform",
        "'kubeadm'; allowed: a map with kind, and with the keys that this kind has",
        "set --path pod-security:platform.kind kubeadm",
    ),
    case(
        "platform-other-text",
        {"platform": "eks"},
        "platform",
        "'eks'; allowed: a map with kind, and with the keys that this kind has",
        "set --path pod-security:platform.kind eks",
    ),
    case(
        "platform-strange-text",
        {"platform": "openshift"},
        "platform",
        "'openshift'; allowed: a map with kind, and with the keys that this kind has",
        "set --path pod-security:platform.kind kubeadm",
    ),
    case(
        "platform-unknown",
        _platform(kind="openshift"),
        "platform.kind",
        "'openshift'; allowed: one of 'aks', 'eks', 'gke', 'kapsule', 'kubeadm', 'mke'",
        "set --path pod-security:platform.kind kubeadm",
    ),
    case(
        "platform-without-kind",
        {"platform": {"config": "/k"}},
        "platform.kind",
        "missing; allowed: one of 'aks', 'eks', 'gke', 'kapsule', 'kubeadm', 'mke'",
        "set --path pod-security:platform.kind kubeadm",
    ),
    case(
        "platform-misspelt",
        {"platform": {"kind": "kapsul", "region": "fr-par", "cluster": "c"}},
        "platform.kind",
        "'kapsul'; allowed: one of 'aks', 'eks', 'gke', 'kapsule', 'kubeadm', 'mke'",
        "set --path pod-security:platform.kind kapsule",
    ),
    case(
        "platform-of-another-without-kind",
        {"platform": {"project": "p", "location": "l", "cluster": "c"}},
        "platform.kind",
        "missing; allowed: one of 'aks', 'eks', 'gke', 'kapsule', 'kubeadm', 'mke'",
        "set --path pod-security:platform.kind gke",
    ),
    case(
        "platform-without-cluster",
        {"platform": {"kind": "gke", "project": "p", "location": "l"}},
        "platform.cluster",
        "missing; allowed: the name of a cluster",
        "set --path pod-security:platform.cluster CLUSTER",
    ),
    case(
        "platform-key-of-another-kind",
        {"platform": {"kind": "kapsule", "region": "fr-par", "cluster": "c", "project": "p"}},
        "platform.project",
        "no such key; allowed: one of 'kind', 'region', 'cluster', 'server', 'timeoutSeconds'",
        "rm --path pod-security:platform.project",
    ),
    case(
        "platform-without-config",
        {"platform": {"kind": "kubeadm", "manifests": "/m"}},
        "platform.config",
        "missing",
        "set --path pod-security:platform.config kubeadm.yaml",
    ),
    case(
        "platform-config-empty",
        _platform(config=""),
        "platform.config",
        "''; allowed: the path of a file",
        "set --path pod-security:platform.config kubeadm.yaml",
    ),
    case(
        "platform-config-list",
        _platform(config=["/k"]),
        "platform.config",
        "a list; allowed: the path of a file",
        "set --path pod-security:platform.config kubeadm.yaml",
    ),
    case(
        "platform-key-misspelt",
        _platform(manifest="/m"),
        "platform.manifest",
        "no such key; allowed: one of 'kind', 'config', 'manifests', 'kubeadm', 'timeoutSeconds'; did you mean",
        "rm --path pod-security:platform.manifest && pulumi config set --path pod-security:platform.manifests /m",
    ),
    case(
        "time-out-snake-case",
        _platform(timeout_seconds=5),
        "platform.timeout_seconds",
        "no such key; allowed: one of 'kind'",
        "rm --path pod-security:platform.timeout_seconds && "
        "pulumi config set --path pod-security:platform.timeoutSeconds 5",
    ),
    case(
        "time-out-text",
        _platform(timeoutSeconds="5m"),
        "platform.timeoutSeconds",
        "'5m'; allowed: a whole number of seconds, 1 or more",
        "set --path pod-security:platform.timeoutSeconds 300",
    ),
    case(
        "time-out-zero",
        _platform(timeoutSeconds=0),
        "platform.timeoutSeconds",
        "0; allowed: a whole number of seconds, 1 or more",
        "set --path pod-security:platform.timeoutSeconds 300",
    ),
    case(
        "eks-cluster-beside-kubeconfig",
        {"kubeconfig": "/k", "platform": {"kind": "eks", "cluster": "c", "region": "r"}},
        "platform.cluster",
        "given beside kubeconfig; allowed: one of the two",
        "rm --path pod-security:platform.cluster && pulumi config rm --path pod-security:platform.region",
    ),
    case(
        "eks-region-beside-kubeconfig",
        {"kubeconfig": "/k", "platform": {"kind": "eks", "region": "r"}},
        "platform.region",
        "given beside kubeconfig; allowed: one of the two",
        "rm --path pod-security:platform.region",
    ),
    case(
        "eks-region-without-cluster",
        {"platform": {"kind": "eks", "region": "r"}},
        "platform.cluster",
        "missing; allowed: the name of a cluster",
        "set --path pod-security:platform.cluster CLUSTER",
    ),
    case(
        "eks-cluster-misspelt",
        {"platform": {"kind": "eks", "clustr": "c", "region": "r"}},
        "platform.clustr",
        "no such key; allowed: one of 'kind', 'cluster', 'region'",
        "rm --path pod-security:platform.clustr && pulumi config set --path pod-security:platform.cluster c",
    ),
    case(
        "kubeconfig-empty",
        {"kubeconfig": " "},
        "kubeconfig",
        "empty; allowed: the path of a kubeconfig, or its contents as a secret",
        "set pod-security:kubeconfig /etc/kubernetes/admin.conf",
    ),
    case(
        "kubeconfig-list",
        {"kubeconfig": ["a"]},
        "kubeconfig",
        "a list; allowed: the path of a kubeconfig, or its contents as a secret",
        "set pod-security:kubeconfig /etc/kubernetes/admin.conf",
    ),
    case(
        "context-map",
        {"context": {"name": "a"}},
        "context",
        "a map; allowed: the name of a context, as `kubectl config get-contexts --output=name` lists them",
        "set pod-security:context CONTEXT",
    ),
    case(
        "key-misspelt",
        {"grant": [GRANT]},
        "grant",
        "no such key; allowed: one of 'policies', 'grants', 'admins', 'namespaces', 'platform', 'enforcement', "
        "'stage', 'standards', 'kubeconfig', 'context'; did you mean 'grants'?",
        "pod-security:grant renamed to pod-security:grants in Pulumi.stack.yaml",
    ),
    case(
        "context-list",
        {"context": ["a"]},
        "context",
        "a list; allowed: the name of a context",
        "set pod-security:context CONTEXT",
    ),
    case(
        "kubeconfig-in-clear",
        {"kubeconfig": "apiVersion: v1\nkind: Config\n"},
        "kubeconfig",
        "contents in clear, for everyone who reads the stack's file or state; allowed: the path of a kubeconfig, or",
        "set --secret pod-security:kubeconfig < ~/.kube/config",
    ),
    case(
        "secret-misspelt",
        {"kubeconfg": Secret("apiVersion: v1\nkind: Config\n")},
        "kubeconfg",
        "no such key; allowed: one of 'policies'",
        "pod-security:kubeconfg renamed to pod-security:kubeconfig in Pulumi.stack.yaml",
    ),
    case(
        "platform-kind-misspelt",
        {"platform": {"knd": "kubeadm", "config": "/k"}},
        "platform.knd",
        "no such key; allowed: one of 'kind', 'config'",
        "rm --path pod-security:platform.knd && pulumi config set --path pod-security:platform.kind kubeadm",
    ),
    case(
        "key-beside-the-right-one",
        {"polices": ["default"]},
        "polices",
        "no such key; allowed: one of 'policies'",
        "rm pod-security:polices",
    ),
    case("key-unknown", {"xyz": "1"}, "xyz", "no such key; allowed: one of 'policies'", "rm pod-security:xyz"),
)

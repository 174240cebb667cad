"""Pods that must be admitted and pods that must not, derived from what the baseline grants.

A canary is only ever sent as a dry run, by the controller that creates most pods, into namespaces that exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_pod_security.cluster.inventory import controller
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CREATOR", "Canary", "canaries", "probe"]

_SERVICE_ACCOUNT = "default"
CREATOR = controller("replicaset-controller")
"""Who sends the canaries: the controller behind Deployments."""


@dataclass(frozen=True, kw_only=True)
class Canary:
    """One pod whose verdict the baseline determines.

    Attributes:
        namespace: where it is tried.
        policies: the policies the baseline grants to it there.
        admitted: whether the server must admit it.
        pod: the manifest.
    """

    namespace: str
    policies: tuple[str, ...]
    admitted: bool
    pod: Mapping[str, Any]
    creator: Identity = CREATOR

    def __str__(self) -> str:
        kind = "minimal" if self.admitted else "privileged"
        return f"{kind} canary in namespace {self.namespace} (service account {self.namespace}:{_SERVICE_ACCOUNT})"


def canaries(
    policies: Iterable[PodSecurityPolicy], grants: Iterable[Grant], namespaces: Iterable[str]
) -> Iterator[Canary]:
    """The canaries of each namespace.

    Where the baseline grants a policy, a pod that asks for nothing must be admitted. Where it grants none that lets
    privileged pods in, a pod that asks for everything must be refused.
    """
    by_name = {policy.name: policy for policy in policies}
    granted = tuple(grants)
    for namespace in sorted(set(namespaces)):
        usable = tuple(sorted({grant.policy for grant in granted if _reaches(grant, namespace)} & by_name.keys()))
        if usable:
            minimal = _minimal(namespace, by_name[usable[0]])
            yield Canary(namespace=namespace, policies=usable, admitted=True, pod=minimal)
        if not any(by_name[name].spec.privileged for name in usable):
            yield Canary(namespace=namespace, policies=usable, admitted=False, pod=_privileged(namespace))


def probe(namespace: str) -> dict[str, Any]:
    """A pod that asks for nothing, to see whether the plugin has a say."""
    return _pod(namespace, {}, {"name": "canary", "image": "canary"}, {})


def _reaches(grant: Grant, namespace: str) -> bool:
    account = Identity.service_account(namespace, _SERVICE_ACCOUNT)
    return grant.covers(account, namespace) or grant.covers(CREATOR, namespace)


def _minimal(namespace: str, policy: PodSecurityPolicy) -> dict[str, Any]:
    """A pod that asks for nothing: what it leaves out, `policy` either does not mind or fills in.

    A list of allowed seccomp or AppArmor profiles without a default fills in nothing (seccomp/strategy.go and
    apparmor/strategy.go, v1.24.17), so the first profile listed is asked for.
    """
    annotations = {}
    if policy.seccomp.allowed and not policy.seccomp.default:
        annotations["seccomp.security.alpha.kubernetes.io/pod"] = _named(policy.seccomp.allowed)
    if policy.apparmor.allowed and not policy.apparmor.default:
        annotations["container.apparmor.security.beta.kubernetes.io/canary"] = _named(policy.apparmor.allowed)
    return _pod(namespace, annotations, {"name": "canary", "image": "canary"}, {})


def _named(profiles: Sequence[str]) -> str:
    return "runtime/default" if "*" in profiles else profiles[0]


def _privileged(namespace: str) -> dict[str, Any]:
    container = {"name": "canary", "image": "canary", "securityContext": {"privileged": True}}
    return _pod(namespace, {}, container, {"hostNetwork": True, "hostPID": True, "hostIPC": True})


def _pod(
    namespace: str, annotations: Mapping[str, str], container: Mapping[str, Any], spec: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "generateName": "pod-security-canary-",
            "namespace": namespace,
            "annotations": dict(annotations),
        },
        "spec": {
            **spec,
            "serviceAccountName": _SERVICE_ACCOUNT,
            "automountServiceAccountToken": False,
            "containers": [dict(container)],
        },
    }

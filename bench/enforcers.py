"""What judges pods on an API server: nothing, a Pod Security label, admission policies, and the plugin of 1.24.

Each is put there, waited for until it is in force, and taken away again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

from bench.policies import restricted_with_seccomp
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.cel import CelManifests, cel_manifests
from pulumi_pod_security.targets.psa import ENFORCE, psa_labels, standard_from_text
from tests.fixtures.psp_grants import right_of
from tests.fixtures.psp_values import Manifest
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import Question, Reply
from tests.integration.support.cel_server import CelServer, collection_of
from tests.integration.support.pod_server import creating

__all__ = [
    "COMPLETE",
    "PLAIN",
    "SIZES",
    "ask",
    "furnish",
    "labels",
    "nothing",
    "plugin",
    "user_of",
    "validating",
    "validating_and_mutating",
]

SIZES = (1, 5, 13)
"""How many policies there are; 13 together fit into one admission policy."""

_STRANGER = "stranger"
_NAMESPACE = "/api/v1/namespaces/apps"
_POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_CHOSEN = "kubernetes.io/psp"
_NAMES = ("proxy", "sync", "web")


def _container(name: str) -> Manifest:
    return {
        "name": name,
        "image": f"registry.example.com/{name}:1",
        "ports": [{"name": "http", "containerPort": 8080}],
        "env": [{"name": f"SETTING_{number}", "value": "a value of some length"} for number in range(4)],
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
        "volumeMounts": [{"name": "cache", "mountPath": "/cache"}],
    }


def _pod() -> Manifest:
    volumes = [{"name": "cache", "emptyDir": {}}, {"name": "config", "configMap": {"name": "web"}}]
    spec = {"containers": [_container(name) for name in _NAMES], "volumes": volumes}
    return {"metadata": {"generateName": "web-", "labels": {"app": "web"}}, "spec": spec}


def _complete_pod() -> Manifest:
    """Profiles are named as every version reads them, by field and by annotation."""
    pod = _pod()
    app_armor = {f"container.apparmor.security.beta.kubernetes.io/{name}": "runtime/default" for name in _NAMES}
    seccomp = {"seccomp.security.alpha.kubernetes.io/pod": "runtime/default"}
    ids = {"fsGroup": 1000, "supplementalGroups": [1000], "runAsNonRoot": True, "runAsUser": 1000}
    hardened = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    containers = [{**each, "securityContext": hardened} for each in pod["spec"]["containers"]]
    context = {**ids, "seccompProfile": {"type": "RuntimeDefault"}}
    return {
        "metadata": {**pod["metadata"], "annotations": {**app_armor, **seccomp}},
        "spec": {**pod["spec"], "containers": containers, "securityContext": context},
    }


COMPLETE = _complete_pod()
"""A pod that every policy here admits as it is."""

PLAIN = _pod()
"""A pod that every policy here admits once it has written its defaults into it."""


def user_of(policies: int) -> str:
    """Who may use the last of so many policies, and no other."""
    return f"user-of-{policies:02d}"


def furnish(server: CelServer) -> None:
    """Make what pods need, and the users of the last policies."""
    server.furnish(())
    for count in SIZES:
        right = right_of(user_of(count), _name(count), None)
        server.asker.make(
            creating(f"{_RBAC}/clusterroles", right.role), creating(f"{_RBAC}/clusterrolebindings", right.binding)
        )


def ask(server: CelServer, user: str, pod: Manifest) -> Reply:
    """The answer to that user's pod, of which nothing is kept."""
    identity = Identity(user=user, groups=frozenset({"system:authenticated"}))
    path = f"{_NAMESPACE}/pods?dryRun=All"
    return server.asker.ask(Question(method="POST", path=path, body=pod, identity=identity))


@contextmanager
def nothing(_server: CelServer) -> Iterator[None]:
    """Every pod is admitted."""
    yield


@contextmanager
def labels(server: CelServer) -> Iterator[None]:
    """The namespace's label says baseline."""
    found = psa_labels({ENFORCE: standard_from_text("baseline", "latest")})
    _label(server, found)
    eventually(lambda: _refuses_host_processes(server))
    yield
    _label(server, dict.fromkeys(found))
    eventually(lambda: not _refuses_host_processes(server))


@contextmanager
def validating(policies: int, server: CelServer) -> Iterator[None]:
    """A ValidatingAdmissionPolicy, made of so many policies."""
    with _admission_policies(server, cel_manifests(_policies(policies), stage="deny", mutates=False)):
        eventually(lambda: _refuses_strangers(server) and ask(server, user_of(policies), COMPLETE).code == 201)
        yield


@contextmanager
def validating_and_mutating(policies: int, server: CelServer) -> Iterator[None]:
    """The same with a MutatingAdmissionPolicy, which notes the policy and writes its defaults."""
    with _admission_policies(server, cel_manifests(_policies(policies), stage="deny", mutates=True)):
        eventually(lambda: _refuses_strangers(server) and _chosen(server, policies) == _name(policies))
        yield


@contextmanager
def plugin(policies: int, server: CelServer) -> Iterator[None]:
    """PodSecurityPolicies, so many."""
    *others, last = (creating(_POLICIES, policy.to_manifest()) for policy in _policies(policies))
    server.asker.make(*others)
    # The server hears of policies in the order in which they were made: this one comes last.
    server.asker.make(last)
    eventually(lambda: _refuses_strangers(server) and _chosen(server, policies) == _name(policies))
    yield
    server.asker.make(Question(method="DELETE", path=_POLICIES))
    eventually(lambda: _chosen(server, policies) is None)


@contextmanager
def _admission_policies(server: CelServer, manifests: CelManifests) -> Iterator[None]:
    for manifest in manifests:
        server.put(manifest)
    yield
    for manifest in manifests:
        path = f"{collection_of(manifest['kind'])}/{manifest['metadata']['name']}"
        server.asker.make(Question(method="DELETE", path=path))
    eventually(lambda: not _refuses_strangers(server))


def _name(number: int) -> str:
    return f"policy-{number:02d}"


def _policies(count: int) -> list[PodSecurityPolicy]:
    """Equal but for their names: a pod fits all of them, and each is asked whether it may be used."""
    policy = restricted_with_seccomp()
    return [dataclasses.replace(policy, name=_name(number)) for number in range(1, count + 1)]


def _chosen(server: CelServer, policies: int) -> str | None:
    """The policy that the user's plain pod is admitted by."""
    reply = ask(server, user_of(policies), PLAIN)
    if reply.code != 201:
        return None
    chosen: str | None = reply.content["metadata"].get("annotations", {}).get(_CHOSEN)
    return chosen


def _refuses_strangers(server: CelServer) -> bool:
    return ask(server, _STRANGER, COMPLETE).code == 403


def _refuses_host_processes(server: CelServer) -> bool:
    return ask(server, _STRANGER, {**PLAIN, "spec": {**PLAIN["spec"], "hostPID": True}}).code == 403


def _label(server: CelServer, wanted: dict[str, str] | dict[str, None]) -> None:
    reply = server.asker.ask(Question(method="GET", path=_NAMESPACE))
    found = reply.content
    kept = {**found["metadata"]["labels"], **wanted}
    found["metadata"]["labels"] = {label: value for label, value in kept.items() if value is not None}
    server.asker.make(Question(method="PUT", path=_NAMESPACE, body=found))

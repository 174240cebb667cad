"""The real PodSecurityPolicy plugin, asked: by a cluster that can also answer without it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

from pulumi_pod_security.policy.identity import Identity
from tests.fixtures.psp_cases import WITNESSES, Case, Round
from tests.fixtures.psp_updates import STORED, debugged, stored_namespace, stored_pod
from tests.fixtures.psp_values import NAMESPACES, RUNTIME_CLASSES, SERVICE_ACCOUNTS, Manifest
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import WORKERS, Asker, Question, Reply
from tools.controlplane import ControlPlane

__all__ = ["PolicyServer"]

_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
_RUNTIME_CLASSES = "/apis/node.k8s.io/v1/runtimeclasses"
_PLUGINS = "enable-admission-plugins"
_API = "rbac.authorization.k8s.io"
_ANYBODY = ("system:authenticated", "system:unauthenticated")


class PolicyServer:
    """A cluster whose API server has the plugin or has it not.

    Args:
        plugins: the admission plugins it has now, beside the usual ones.
    """

    def __init__(self, cluster: ControlPlane, plugins: str) -> None:
        self.cluster = cluster
        self.plugins = plugins
        self.asker = Asker(cluster)
        self.stored: Sequence[Manifest] = ()

    def furnish(self, seed: str) -> None:
        """Make what requests need to reach the plugin, and pods to change; the plugin must be off."""
        self.asker.make(*(_create("/api/v1/namespaces", {"metadata": {"name": name}}) for name in NAMESPACES))
        self.asker.make(
            *(_account(namespace, name) for namespace in NAMESPACES for name in SERVICE_ACCOUNTS if name != "default"),
            *(_create(_RUNTIME_CLASSES, _runtime_class(name)) for name in RUNTIME_CLASSES),
            _create(f"{_RBAC}/clusterroles", _role_of_anybody()),
            _create(f"{_RBAC}/clusterrolebindings", _binding_of_anybody()),
        )
        eventually(lambda: all(self._has_default_account(namespace) for namespace in NAMESPACES))
        with ThreadPoolExecutor(WORKERS) as workers:
            self.stored = list(workers.map(partial(self._stored, seed), range(STORED)))

    def switch(self, plugins: str) -> None:
        """See to it that the API server has these admission plugins, beside the usual ones."""
        if plugins != self.plugins:
            self.cluster.restart_api_server({_PLUGINS: plugins})
            self.plugins = plugins

    def enact(self, round_: Round) -> None:
        """Put the round's policies and rights in the place of those before; return when the plugin knows them."""
        self.asker.ask_all(_deletions())
        *policies, witnessed = round_.policies
        split = len(round_.rights) - len(WITNESSES)
        self.asker.make(*(_create(_POLICIES, policy) for policy in policies), *_rights(round_, 0, split))
        # The server hears of objects of one kind in the order in which they were made: these come last.
        self.asker.make(_create(_POLICIES, witnessed), *_rights(round_, split, None))
        eventually(lambda: all(self._chosen(user) == round_.witnessed for user in WITNESSES))

    def withdraw(self, policy: str) -> None:
        """Take away the policy that the witnesses may use."""
        self.asker.make(Question(method="DELETE", path=f"{_POLICIES}/{policy}"))
        eventually(lambda: all(self._chosen(user) is None for user in WITNESSES))

    def ask(self, cases: Iterable[Case]) -> list[Reply]:
        """What the server says to each case."""
        return self.asker.ask_all(self._question(case) for case in cases)

    def body(self, case: Case) -> Manifest:
        """The pod that the case sends."""
        return case.body(self.before(case))

    def before(self, case: Case) -> Manifest | None:
        """The pod that the case changes."""
        return None if case.stored is None else self.stored[case.stored]

    def notes(self) -> Mapping[str, Mapping[str, str]]:
        """What the plugin has written into the audit log, by case; later notes replace earlier ones."""
        return {event.user_agent: event.annotations for event in self.cluster.audit_events()}

    def _question(self, case: Case) -> Question:
        path = f"/api/v1/namespaces/{case.namespace}/pods"
        if case.stored is not None:
            path += f"/stored-{case.stored}" + (f"/{case.subresource}" if case.subresource else "")
        method = "POST" if case.stored is None else "PUT"
        return Question(
            method=method, path=f"{path}?dryRun=All", body=self.body(case), identity=case.identity, mark=case.name
        )

    def _stored(self, seed: str, index: int) -> Manifest:
        """A pod, stored; at times with containers for debugging."""
        rng, path = Random(f"{seed}/stored/{index}"), f"/api/v1/namespaces/{stored_namespace(index)}/pods"
        while (reply := self.asker.ask(_create(path, stored_pod(rng, index)))).code == 422:
            pass  # Validation refuses this one; the next is another.
        pod: Manifest = reply.content
        path += f"/{pod['metadata']['name']}"
        if rng.random() < 0.4:
            body = debugged(rng, pod)
            self.asker.make(Question(method="PUT", path=f"{path}/ephemeralcontainers", body=body))
        (found,) = self.asker.make(Question(method="GET", path=path))
        return dict(found.content)

    def _has_default_account(self, namespace: str) -> bool:
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        return self.asker.ask(Question(method="GET", path=path)).code == 200

    def _chosen(self, user: str) -> str | None:
        # A mirror pod has no service account, whose rights would count as well.
        metadata = {"name": "witness", "annotations": {"kubernetes.io/config.mirror": "0"}}
        pod = {"metadata": metadata, "spec": {"nodeName": "worker-1", "containers": [{"name": "c", "image": "c"}]}}
        identity = Identity(user=user, groups=frozenset({"system:unauthenticated"}))
        path = "/api/v1/namespaces/apps/pods?dryRun=All"
        reply = self.asker.ask(Question(method="POST", path=path, body=pod, identity=identity))
        annotations: dict[str, str] = reply.content["metadata"].get("annotations", {})
        return annotations.get("kubernetes.io/psp")


def _create(path: str, body: Manifest) -> Question:
    return Question(method="POST", path=path, body=body)


def _account(namespace: str, name: str) -> Question:
    body = {"metadata": {"name": name}, **SERVICE_ACCOUNTS[name]}
    return _create(f"/api/v1/namespaces/{namespace}/serviceaccounts", body)


def _runtime_class(name: str) -> Manifest:
    return {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name}, "handler": "h"}


def _role_of_anybody() -> Manifest:
    rule = {"apiGroups": [""], "resources": ["pods", "pods/ephemeralcontainers"], "verbs": ["create", "update"]}
    return {"metadata": {"name": "anybody"}, "rules": [rule]}


def _binding_of_anybody() -> Manifest:
    subjects = [{"apiGroup": _API, "kind": "Group", "name": name} for name in _ANYBODY]
    reference = {"apiGroup": _API, "kind": "ClusterRole", "name": "anybody"}
    return {"metadata": {"name": "anybody"}, "roleRef": reference, "subjects": subjects}


def _rights(round_: Round, first: int, last: int | None) -> Iterator[Question]:
    for right in round_.rights[first:last]:
        for manifest in (right.role, right.binding):
            yield _create(_collection(manifest["kind"], manifest["metadata"].get("namespace")), manifest)


def _collection(kind: str, namespace: str | None) -> str:
    return f"{_RBAC}/namespaces/{namespace}/{kind.lower()}s" if namespace else f"{_RBAC}/{kind.lower()}s"


def _deletions() -> Iterator[Question]:
    kinds = ("ClusterRoleBinding", "ClusterRole", "RoleBinding", "Role")
    paths = [_POLICIES, *(_collection(kind, None) for kind in kinds[:2])]
    paths += [_collection(kind, namespace) for kind in kinds[2:] for namespace in NAMESPACES]
    for path in paths:
        yield Question(method="DELETE", path=f"{path}?labelSelector=round%3Ddifferential")

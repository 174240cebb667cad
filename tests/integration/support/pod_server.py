"""An API server that is asked about pods: namespaces, service accounts, and pods to change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pulumi_pod_security.policy.identity import Identity
from tests.fixtures.psp_cases import Case, Round
from tests.fixtures.psp_values import NAMESPACES, RUNTIME_CLASSES, SERVICE_ACCOUNTS, Manifest
from tests.integration.support.asking import Asker, Question, Reached, Reply

__all__ = ["PodServer", "creating", "deletions", "rights"]

_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_RUNTIME_CLASSES = "/apis/node.k8s.io/v1/runtimeclasses"
_API = "rbac.authorization.k8s.io"
_ANYBODY = ("system:authenticated", "system:unauthenticated")
_RIGHTS = ("ClusterRoleBinding", "ClusterRole", "RoleBinding", "Role")


class PodServer:
    """What every such server can do.

    Attributes:
        stored: the pods to change.
    """

    def __init__(self, server: Reached) -> None:
        self.asker = Asker(server)
        self.stored: Sequence[Manifest | None] = ()

    def admit_anybody(self) -> None:
        """Make what requests need to reach admission."""
        self.asker.make(*(creating("/api/v1/namespaces", {"metadata": {"name": name}}) for name in NAMESPACES))
        self.asker.make(
            *(_account(namespace, name) for namespace in NAMESPACES for name in SERVICE_ACCOUNTS if name != "default"),
            *(creating(_RUNTIME_CLASSES, _runtime_class(name)) for name in RUNTIME_CLASSES),
            creating(f"{_RBAC}/clusterroles", _role_of_anybody()),
            creating(f"{_RBAC}/clusterrolebindings", _binding_of_anybody()),
        )

    def ask(self, cases: Iterable[Case]) -> list[Reply]:
        """What the server says to each case."""
        return self.asker.ask_all(self._question(case) for case in cases)

    def body(self, case: Case) -> Manifest:
        """The pod that the case sends."""
        return case.body(self.before(case))

    def before(self, case: Case) -> Manifest | None:
        """The pod that the case changes."""
        return None if case.stored is None else self.stored[case.stored]

    def chosen(self, user: str) -> str | None:
        """By which policy a pod is admitted that asks for nothing."""
        annotations: dict[str, str] = self.try_out(user).content["metadata"].get("annotations", {})
        return annotations.get("kubernetes.io/psp")

    def try_out(self, user: str) -> Reply:
        """The answer to a pod that asks for nothing, and for which nobody's rights count but the user's."""
        # A mirror pod has no service account, whose rights would count as well.
        metadata = {"name": "witness", "annotations": {"kubernetes.io/config.mirror": "0"}}
        pod = {"metadata": metadata, "spec": {"nodeName": "worker-1", "containers": [{"name": "c", "image": "c"}]}}
        identity = Identity(user=user, groups=frozenset({"system:unauthenticated"}))
        path = "/api/v1/namespaces/apps/pods?dryRun=All"
        return self.asker.ask(Question(method="POST", path=path, body=pod, identity=identity))

    def _question(self, case: Case) -> Question:
        path = f"/api/v1/namespaces/{case.namespace}/pods"
        if case.stored is not None:
            path += f"/stored-{case.stored}" + (f"/{case.subresource}" if case.subresource else "")
        method = "POST" if case.stored is None else "PUT"
        return Question(
            method=method, path=f"{path}?dryRun=All", body=self.body(case), identity=case.identity, mark=case.name
        )


def creating(path: str, body: Manifest) -> Question:
    """The request that makes the object."""
    return Question(method="POST", path=path, body=body)


def rights(round_: Round, first: int, last: int | None) -> Iterator[Question]:
    """The requests that make some of the round's rights."""
    for right in round_.rights[first:last]:
        for manifest in (right.role, right.binding):
            yield creating(_collection(manifest["kind"], manifest["metadata"].get("namespace")), manifest)


def deletions() -> Iterator[Question]:
    """The requests that take the rights of all rounds away."""
    paths = [_collection(kind, None) for kind in _RIGHTS[:2]]
    paths += [_collection(kind, namespace) for kind in _RIGHTS[2:] for namespace in NAMESPACES]
    for path in paths:
        yield Question(method="DELETE", path=f"{path}?labelSelector=round%3Ddifferential")


def _account(namespace: str, name: str) -> Question:
    body = {"metadata": {"name": name}, **SERVICE_ACCOUNTS[name]}
    return creating(f"/api/v1/namespaces/{namespace}/serviceaccounts", body)


def _runtime_class(name: str) -> Manifest:
    return {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name}, "handler": "h"}


def _role_of_anybody() -> Manifest:
    rule = {"apiGroups": [""], "resources": ["pods", "pods/ephemeralcontainers"], "verbs": ["create", "update"]}
    return {"metadata": {"name": "anybody"}, "rules": [rule]}


def _binding_of_anybody() -> Manifest:
    subjects = [{"apiGroup": _API, "kind": "Group", "name": name} for name in _ANYBODY]
    reference = {"apiGroup": _API, "kind": "ClusterRole", "name": "anybody"}
    return {"metadata": {"name": "anybody"}, "roleRef": reference, "subjects": subjects}


def _collection(kind: str, namespace: str | None) -> str:
    return f"{_RBAC}/namespaces/{namespace}/{kind.lower()}s" if namespace else f"{_RBAC}/{kind.lower()}s"

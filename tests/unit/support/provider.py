"""A world that keeps policies, roles and bindings as objects, and whose authorizer says what these say.

A provider's defaults are among them at first, each with labels and annotations of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from pulumi_pod_security.admission.rbac import Rbac, read
from pulumi_pod_security.cluster.plan import collection_of, reference
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.stored import as_stored
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import World

__all__ = ["BINDING", "ROLE", "TRIO", "ProviderWorld", "provided", "role_binding", "trio"]

BINDING = "ClusterRoleBinding/eks:podsecuritypolicy:authenticated"
ROLE = "ClusterRole/eks:podsecuritypolicy:privileged"
POLICY = "PodSecurityPolicy/eks.privileged"
TRIO = (BINDING, ROLE, POLICY)
"""What Amazon EKS puts there, in the order in which it is removed."""

_RBAC = "rbac.authorization.k8s.io"
_KINDS = ("PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
_KEPT = {collection_of(f"{kind}/name"): kind for kind in _KINDS if kind not in ("Role", "RoleBinding")}
_RULED = {f"/apis/{_RBAC}/v1/{kind.lower()}s": kind for kind in _KINDS[1:]}
Fault = Callable[[Call], Reply | None]


def trio(**metadata: Any) -> list[dict[str, Any]]:
    """The objects of `TRIO`."""
    own = {"labels": {"eks.amazonaws.com/component": "pod-security-policy"}, **metadata}
    policy = as_stored(presets.privileged()).to_manifest()
    binding, role = (name.partition("/")[2] for name in (BINDING, ROLE))
    return [
        role_binding(binding, role, "system:authenticated", metadata=own),
        {
            "apiVersion": f"{_RBAC}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": role, **own},
            "rules": [_use("eks.privileged")],
        },
        {**policy, "metadata": {**policy["metadata"], "name": "eks.privileged", **own}},
    ]


def role_binding(name: str, role: str, group: str, *, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A ClusterRoleBinding of a ClusterRole to a group."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name, **(metadata or {})},
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": _RBAC, "kind": "Group", "name": group}],
    }


def _use(policy: str) -> dict[str, Any]:
    return {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "resourceNames": [policy], "verbs": ["use"]}


@dataclass(kw_only=True)
class ProviderWorld(World):
    """The state of the cluster.

    Attributes:
        lag: how many reviews of access are still answered as before the last change.
        fault: answers in the server's place, before it has done anything.
        lost: whether the answer to a call that was carried out is an error.
        numbers: of versions and uids.
    """

    lag: int = 0
    fault: Fault = lambda _call: None
    lost: Callable[[Call], bool] = lambda _call: False
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _before: Rbac | None = None

    def make(self, *objects: Mapping[str, Any]) -> None:
        """Store objects as the server does."""
        self._before = self.rbac
        for found in objects:
            number = str(next(self.numbers))
            own = {"uid": f"uid-{number}", "resourceVersion": number, "creationTimestamp": "2022-05-03T10:00:00Z"}
            kept = {**found, "metadata": {**found["metadata"], **own, "managedFields": [{"manager": "eks"}]}}
            self.lists.setdefault(collection_of(reference(found)), []).append(kept)

    def unmake(self, *references: str) -> None:
        """Delete objects."""
        self._before = self.rbac
        for path in _KEPT:
            left = [
                found for found in self.lists.get(path, []) if reference(self._whole(path, found)) not in references
            ]
            self.lists[path] = left

    def stored(self) -> dict[str, dict[str, Any]]:
        """Every object by its reference."""
        stored = (self._whole(path, found) for path in _KEPT for found in self.lists.get(path, []))
        return {reference(found): found for found in stored}

    @property
    def rbac(self) -> Rbac:
        """What roles and bindings say now."""
        stored = (
            (path, {**found, "kind": kind, "apiVersion": f"{_RBAC}/v1"})
            for path, kind in _RULED.items()
            for found in self.lists.get(path, [])
        )
        return Rbac(read(stored))

    def mutations(self) -> list[str]:
        """Every lasting change that was asked for, as `METHOD reference`."""
        return [f"{call.method} {_named(call)}" for call in self.calls if _is_lasting(call)]

    def answer(self, call: Call) -> Reply:
        """What the API server says."""
        faulty = self.fault(call)
        reply = faulty or self._answered(call)
        if faulty:
            self.calls.append(call)
        return Reply(code=500, body={"message": "lost"}) if not faulty and self.lost(call) else reply

    def _answered(self, call: Call) -> Reply:
        collection, _, name = call.path.rpartition("/")
        if call.path in _KEPT and call.method == "POST":
            self.calls.append(call)
            return self._created(call)
        if collection in _KEPT:
            self.calls.append(call)
            return self._one(call, collection, unquote(name))
        return super().answer(call)

    def _created(self, call: Call) -> Reply:
        if reference(call.body) in self.stored():
            return _refusal(409, "AlreadyExists", f"{reference(call.body)} already exists")
        if "dryRun" not in call.query:
            self.make(call.body)
        return Reply(code=201, body=call.body)

    def _one(self, call: Call, collection: str, name: str) -> Reply:
        stored = {found["metadata"]["name"]: found for found in self.lists.get(collection, [])}
        if name not in stored:
            return _refusal(404, "NotFound", f"{name} not found")
        found = self._whole(collection, stored[name])
        if call.method == "GET":
            return Reply(body=found)
        wanted = call.body["preconditions"]
        if any(found["metadata"][key] != value for key, value in wanted.items()):
            return _refusal(409, "Conflict", "the object has been modified")
        self.unmake(reference(found))
        return Reply(body={"kind": "Status", "status": "Success"})

    def _whole(self, collection: str, found: Mapping[str, Any]) -> dict[str, Any]:
        version = "policy/v1beta1" if _KEPT[collection] == "PodSecurityPolicy" else f"{_RBAC}/v1"
        return {**found, "apiVersion": version, "kind": _KEPT[collection]}

    def _reviewed(self, spec: Mapping[str, Any]) -> bool:
        lagging, self.lag = self.lag > 0, max(0, self.lag - 1)
        asked = spec["resourceAttributes"]
        identity = Identity(user=spec.get("user", ""), groups=frozenset(spec.get("groups") or ()))
        rbac = self._before if lagging and self._before else self.rbac
        wanted = identity, asked["name"], asked["namespace"]
        return asked["group"] == "policy" and (super()._may(*wanted) or rbac.may_use(*wanted))

    def _may(self, identity: Identity, policy: str, namespace: str) -> bool:
        return super()._may(identity, policy, namespace) or self.rbac.may_use(identity, policy, namespace)


@contextmanager
def provided(world: ProviderWorld) -> Iterator[ProviderWorld]:
    """Serve the world on loopback."""
    with serving(world.answer) as address:
        world.address = address
        yield world


def _is_lasting(call: Call) -> bool:
    return call.method == "DELETE" or (call.method == "POST" and call.path in _KEPT and "dryRun" not in call.query)


def _named(call: Call) -> str:
    return reference(call.body) if call.method == "POST" else unquote(call.path.rpartition("/")[2])


def _refusal(code: int, reason: str, message: str) -> Reply:
    return Reply(code=code, body={"kind": "Status", "reason": reason, "message": message, "code": code})

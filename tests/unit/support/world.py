"""A cluster as far as our questions reach: objects, who may use which policy, and the plugin's verdicts.

It answers as kube-apiserver 1.24 does, in its words, for the few paths this package asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored
from tests.unit.support.standin import Call, Reply, serving

__all__ = ["TOKEN", "World", "kubeconfig", "served"]

TOKEN = "hunter2-planted-token"
"""The token of every kubeconfig here; no message may ever show it."""

# As a list item, the way kubeadm writes the command.
_FLAG = re.compile(r"^ *- --enable-admission-plugins=(?:\w+,)*PodSecurityPolicy\b", re.MULTILINE)
_ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
_KUBE_SYSTEM = "/api/v1/namespaces/kube-system"
_POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
_BASELINE = ("podsecuritypolicies", "clusterroles", "clusterrolebindings", "rolebindings")
Verdict = Callable[[Mapping[str, Any], Identity], Reply]


@dataclass(kw_only=True)
class World:
    """The state of the cluster; tests change it as they go.

    Attributes:
        version: what `/version` says.
        lists: objects by the path that lists them; a path that is not here lists nothing.
        answers: what is answered at other paths.
        objects: single objects by their path; they may be patched.
        absent: paths that this server does not know.
        page: how many objects one answer holds.
        uses: who may use which policy where: a user or group, the policy, and a namespace or None for all.
        denied: verb and resource of the rights our own kubeconfig lacks.
        enforcing: whether the plugin is on, where no manifest says it.
        manifest: the static Pod manifest that the API server follows, as behind a kubelet.
        refusals: names (`generateName`) of pods that something other than the plugin refuses, with its words.
        quota: namespaces where a quota refuses every pod.
        servers: addresses of the API servers.
        away: how many calls are still answered as by a server that is starting.
        address: where it is served.
        uid: of its namespace `kube-system`.
        calls: every request so far.
    """

    version: Mapping[str, str] = field(default_factory=lambda: {"major": "1", "minor": "24", "gitVersion": "v1.24.17"})
    lists: dict[str, list[Any]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    page: int | None = None
    uses: set[tuple[str, str, str | None]] = field(default_factory=set)
    denied: set[tuple[str, str]] = field(default_factory=set)
    enforcing: bool = False
    manifest: Path | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    quota: set[str] = field(default_factory=set)
    servers: tuple[str, ...] = ("192.0.2.1",)
    away: int = 0
    address: str = ""
    uid: str = "5d6f0b5e"
    calls: list[Call] = field(default_factory=list)

    def put(self, *policies: PodSecurityPolicy) -> None:
        """Store policies as the server keeps them."""
        self.lists.setdefault(_POLICIES, []).extend(as_stored(policy).to_manifest() for policy in policies)

    def take(self, name: str) -> None:
        """Delete a policy."""
        self.lists[_POLICIES] = [found for found in self.lists[_POLICIES] if found["metadata"]["name"] != name]

    @property
    def enforces(self) -> bool:
        """Whether the plugin judges pods now."""
        return self.enforcing if self.manifest is None else _FLAG.search(self.manifest.read_text()) is not None

    def cluster(self) -> Cluster:
        """A cluster that asks this server, with nothing remembered."""
        return Cluster(Connection(kubeconfig=kubeconfig(self.address)).open())

    def asked(self, path: str) -> list[Call]:
        """The calls to one path."""
        return [call for call in self.calls if call.path == path]

    def answer(self, call: Call) -> Reply:
        """What the API server says."""
        self.calls.append(call)
        if self.away:
            self.away -= 1
            return _status(503, "ServiceUnavailable", "away")
        if call.path in self.absent:
            return _status(404, "NotFound", "the server could not find the requested resource")
        if call.path in self.answers:
            return Reply(body=self.answers[call.path])
        if call.path == "/version":
            return Reply(body=self.version)
        if call.path == _KUBE_SYSTEM:
            return Reply(body={"metadata": {"name": "kube-system", "uid": self.uid}})
        if call.path == _ENDPOINTS:
            return Reply(body={"subsets": [{"addresses": [{"ip": server} for server in self.servers]}]})
        if call.path.endswith("/selfsubjectaccessreviews"):
            asked = call.body["spec"]["resourceAttributes"]
            return Reply(body={"status": {"allowed": (asked["verb"], asked["resource"]) not in self.denied}})
        if call.path.endswith("/subjectaccessreviews"):
            return Reply(body={"status": {"allowed": self._reviewed(call.body["spec"])}})
        if call.path in self.objects:
            return self._object(call)
        if call.method == "POST":
            return self._admitted(call.body, _impersonated(call))
        collection, _, name = call.path.rpartition("/")
        return self._named(collection, name) if collection.endswith(_BASELINE) else self._listed(call)

    def _named(self, collection: str, name: str) -> Reply:
        found = (item for item in self.lists.get(collection, []) if item["metadata"]["name"] == name)
        body = next(found, None)
        return _status(404, "NotFound", f'"{name}" not found') if body is None else Reply(body=body)

    def _object(self, call: Call) -> Reply:
        """Read or merged; a merge for another version of the object than there is is refused."""
        found = self.objects[call.path]
        if call.method != "PATCH":
            return Reply(body=found)
        if call.body["metadata"]["resourceVersion"] != found["metadata"]["resourceVersion"]:
            return _status(409, "Conflict", "the object has been modified")
        version = str(int(found["metadata"]["resourceVersion"]) + 1)
        metadata = {**found["metadata"], "resourceVersion": version}
        merged = {**found, "metadata": metadata, "data": {**found["data"], **call.body["data"]}}
        if "dryRun" not in call.query:
            self.objects[call.path] = merged
        return Reply(body=merged)

    def _listed(self, call: Call) -> Reply:
        items = [item for item in self.lists.get(call.path, []) if _selected(item, call.query.get("labelSelector"))]
        start = int(call.query.get("continue", 0))
        end = start + (self.page or len(items))
        metadata = {"continue": str(end)} if end < len(items) else {}
        return Reply(body={"items": items[start:end], "metadata": metadata})

    def _reviewed(self, spec: Mapping[str, Any]) -> bool:
        asked = spec["resourceAttributes"]
        identity = Identity(user=spec.get("user", ""), groups=frozenset(spec.get("groups") or ()))
        return asked["group"] == "policy" and self._may(identity, asked["name"], asked["namespace"])

    def _may(self, identity: Identity, policy: str, namespace: str) -> bool:
        who = {identity.user, *identity.groups}
        return any(name in who and used == policy and where in (None, namespace) for name, used, where in self.uses)

    def _admitted(self, pod: dict[str, Any], creator: Identity) -> Reply:
        name = pod["metadata"]["generateName"]
        words = "exceeded quota" if pod["metadata"]["namespace"] in self.quota else self.refusals.get(name)
        if words is not None:
            return _status(403, "Forbidden", f'pods "{name}" is forbidden: {words}')
        if not self.enforces:
            return Reply(code=201, body=pod)
        chosen = next(iter(self._admitting(pod, creator)), None)
        if chosen is None:
            words = "PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.privileged]"
            return _status(403, "Forbidden", f'pods "{name}" is forbidden: {words}')
        annotations = {**pod["metadata"]["annotations"], "kubernetes.io/psp": chosen}
        return Reply(code=201, body={**pod, "metadata": {**pod["metadata"], "annotations": annotations}})

    def _admitting(self, pod: Mapping[str, Any], creator: Identity) -> Iterator[str]:
        namespace = pod["metadata"]["namespace"]
        account = Identity.service_account(namespace, pod["spec"].get("serviceAccountName", "default"))
        # The server gives every pod an account but a mirror pod.
        mirror = "kubernetes.io/config.mirror" in pod["metadata"]["annotations"]
        identities = (creator,) if mirror else (account, creator)
        for policy in sorted(self.lists.get(_POLICIES, []), key=lambda found: str(found["metadata"]["name"])):
            name = policy["metadata"]["name"]
            may = any(self._may(identity, name, namespace) for identity in identities)
            if may and (policy["spec"].get("privileged") or not _privileged(pod["spec"]["containers"])):
                yield name


@contextmanager
def served(world: World) -> Iterator[World]:
    """Serve the world on loopback."""
    with serving(world.answer) as address:
        world.address = address
        yield world


def kubeconfig(address: str, *, token: str = TOKEN) -> str:
    """The text of a kubeconfig with one context, `standin`, and the planted token."""
    return f"""\
apiVersion: v1
kind: Config
current-context: standin
contexts: [{{name: standin, context: {{cluster: standin, user: someone}}}}]
clusters: [{{name: standin, cluster: {{server: "{address}"}}}}]
users: [{{name: someone, user: {{token: "{token}"}}}}]
"""


def _impersonated(call: Call) -> Identity:
    return Identity(user="".join(call.header("Impersonate-User")), groups=frozenset(call.header("Impersonate-Group")))


def _privileged(containers: Iterable[Mapping[str, Any]]) -> bool:
    return any((container.get("securityContext") or {}).get("privileged") for container in containers)


def _selected(item: Any, selector: str | None) -> bool:
    key, _, value = (selector or "").partition("=")
    return not key or (item["metadata"].get("labels") or {}).get(key) == value


def _status(code: int, reason: str, message: str) -> Reply:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "reason": reason}
    return Reply(code=code, body={**body, "code": code})

"""Everything a command reads, from options, files and a cluster, in layers.

What stands in an earlier layer stands for the object of the same name in a later one, as if it had been applied:
a chart is judged with the cluster's policies and RBAC and with its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pulumi_pod_security.admission.documents import Document, Read
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.rbac import Rbac, read
from pulumi_pod_security.cli.progress import Working
from pulumi_pod_security.errors import Fault, InvalidPolicy
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import from_server

__all__ = ["Collection"]

_RBAC = frozenset({"ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"})
_UNIQUE = _RBAC | {"PodSecurityPolicy", "ServiceAccount"}
_SPREAD = frozenset({"Role", "RoleBinding", "ServiceAccount"})
_Key = tuple[str, str, str]


@dataclass(kw_only=True)
class Collection:
    """What was read so far; policies and RBAC are kept for questions beyond the report."""

    gathering: Gathering
    replaced: int = 0
    _rbac: list[tuple[str, object]] = field(default_factory=list)
    _policies: dict[str, PodSecurityPolicy] = field(default_factory=dict)

    def read(self, layers: Iterable[Iterable[Read]], working: Working) -> None:
        """Take everything in; raises what the layers raise."""
        for found in self._standing(layers):
            working.read()
            self.gathering.add(found)
            if isinstance(found, Document):
                self._keep(found)
        working.judging()

    def report(self) -> Report:
        """Everything, judged."""
        return self.gathering.report()

    def rbac(self) -> Rbac:
        """The RBAC objects, to be asked."""
        return Rbac(read(self._rbac, namespace=self.gathering.namespace))

    def policies(self) -> list[PodSecurityPolicy]:
        """The policies by name."""
        return [self._policies[name] for name in sorted(self._policies)]

    def _keep(self, found: Document) -> None:
        if found.data["kind"] in _RBAC:
            self._rbac.append((found.where, found.data))
        elif found.data["kind"] == "PodSecurityPolicy":
            try:
                policy = from_server(found.data)
            except InvalidPolicy:
                # A fault of the report already.
                return
            self._policies[policy.name] = policy

    def _standing(self, layers: Iterable[Iterable[Read]]) -> Iterator[Read]:
        earlier: set[_Key] = set()
        for layer in layers:
            here: set[_Key] = set()
            for found in layer:
                key = None if isinstance(found, Fault) else self._key(found)
                if key in earlier:
                    self.replaced += 1
                    continue
                if key:
                    here.add(key)
                yield found
            earlier |= here

    def _key(self, found: Document) -> _Key | None:
        kind, metadata = str(found.data["kind"]), found.data.get("metadata")
        if kind not in _UNIQUE or not isinstance(metadata, dict):
            return None
        namespace = metadata.get("namespace") or self.gathering.namespace if kind in _SPREAD else ""
        return kind, str(namespace), str(metadata.get("name"))

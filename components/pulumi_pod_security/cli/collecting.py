"""Everything a command reads, from options, files and a cluster, in layers.

What stands in an earlier layer stands for the object of the same name in a later one, as if it had been applied:
a chart is judged with the cluster's policies and RBAC and with its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pulumi_pod_security.admission.documents import Document, Read
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.rbac.refusals import GROUP
from pulumi_pod_security.cli.progress import Working
from pulumi_pod_security.errors import Fault

__all__ = ["Collection"]

_SPREAD = frozenset({"Role", "RoleBinding", "ServiceAccount"})
# Others may have kinds of these names.
_GROUPS = {
    **dict.fromkeys(("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"), (GROUP,)),
    "ServiceAccount": ("",),
    "PodSecurityPolicy": ("policy", "extensions"),
}
_Key = tuple[str, str, str]


@dataclass(kw_only=True)
class Collection:
    """Takes layers in.

    Attributes:
        gathering: what was read so far.
        replaced: how many objects an earlier layer stands for.
    """

    gathering: Gathering
    replaced: int = 0

    def read(self, layers: Iterable[Iterable[Read]], working: Working) -> None:
        """Take everything in; raises what the layers raise."""
        for found in self._standing(layers):
            working.read()
            self.gathering.add(found)
        working.judging()

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
        is_unique = found.version.rpartition("/")[0] in _GROUPS.get(found.kind, ())
        metadata = found.metadata if is_unique else {}
        if not metadata:
            return None
        namespace = metadata.get("namespace") or self.gathering.namespace if found.kind in _SPREAD else ""
        return found.kind, str(namespace), str(metadata.get("name"))

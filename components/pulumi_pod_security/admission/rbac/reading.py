"""RBAC objects out of plain data: of documents read from files, of lists, of what `kubectl get` prints.

Objects of other kinds are left alone. What cannot be read is a fault at its place and takes nothing else with it; an
unknown field is dropped, as the API server does. Of two objects with one name the later counts, as with kubectl.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard, TypeVar

import msgspec

from pulumi_pod_security.admission.conversion import converted, described
from pulumi_pod_security.admission.rbac.objects import (
    ClusterRole,
    ClusterRoleBinding,
    Named,
    Objects,
    RbacObject,
    Role,
    RoleBinding,
)
from pulumi_pod_security.admission.rbac.refusals import GROUP
from pulumi_pod_security.errors import MISSING, Fault, InvalidInput, one_of

__all__ = ["read"]

_KINDS: Mapping[str, type[RbacObject]] = {
    kind.__name__: kind for kind in (ClusterRole, ClusterRoleBinding, Role, RoleBinding)
}
_VERSIONS = (f"{GROUP}/v1", f"{GROUP}/v1beta1")
_Kept = dict[Named, tuple[str, RbacObject]]
ObjectT = TypeVar("ObjectT", bound=RbacObject)


def read(documents: Iterable[tuple[str, object]], *, namespace: str = "default") -> Objects:
    """The RBAC objects among the documents.

    Args:
        documents: each with the place that faults name it by, such as `rbac.yaml[2]`.
        namespace: where a Role or RoleBinding goes that names none, as with `kubectl --namespace`.
    """
    faults: list[Fault] = []
    kept: _Kept = {}
    for where, data in _flat(documents, faults):
        found = _object(where, data, faults)
        if found is not None:
            _keep(where, _in_namespace(found, namespace), kept, faults)
    return Objects(
        cluster_roles=_all(ClusterRole, kept),
        roles=_all(Role, kept),
        role_bindings=_all(RoleBinding, kept),
        cluster_role_bindings=_all(ClusterRoleBinding, kept),
        faults=tuple(faults),
    )


def _flat(documents: Iterable[tuple[str, object]], faults: list[Fault]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Every object, those of lists one by one, in order."""
    # By way of YAML's anchors a list can contain itself, or itself many times over.
    opened: dict[int, object] = {}
    waiting = [iter(documents)]
    while waiting:
        for where, data in waiting[-1]:
            if not isinstance(data, Mapping) or id(data) in opened:
                faults.append(
                    Fault(path=where, value=described(data), allowed="a Kubernetes object, and a list only once")
                )
            elif _is_list(data.get("kind")):
                opened[id(data)] = data
                waiting.append(_items(where, data, faults))
                break
            else:
                yield where, data
        else:
            waiting.pop()


def _is_list(kind: object) -> bool:
    return isinstance(kind, str) and (kind == "List" or kind.removesuffix("List") in _KINDS) and kind not in _KINDS


def _items(where: str, data: Mapping[str, object], faults: list[Fault]) -> Iterator[tuple[str, object]]:
    kind = str(data["kind"]).removesuffix("List")
    items = data.get("items")
    if not isinstance(items, list | tuple | None):
        faults.append(Fault(path=f"{where}.items", value=described(items), allowed="a list of Kubernetes objects"))
        items = ()
    # The items of an API server's own lists do not repeat their kind.
    inherited = {"apiVersion": data.get("apiVersion"), "kind": kind} if kind else {}
    for index, item in enumerate(items or ()):
        yield f"{where}.items[{index}]", {**inherited, **item} if _is_bare(item) else item


def _is_bare(item: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(item, Mapping) and "kind" not in item


def _object(where: str, data: Mapping[str, object], faults: list[Fault]) -> RbacObject | None:
    kind, version = data.get("kind"), data.get("apiVersion")
    if not isinstance(kind, str) or kind not in _KINDS or _is_foreign(version):
        return None
    if version not in _VERSIONS:
        allowed = one_of(_VERSIONS, given=version)
        faults.append(Fault(path=f"{where}.apiVersion", value=version or MISSING, allowed=allowed))
        return None
    try:
        return converted(data, _KINDS[kind], f"{where}: {kind}")
    except InvalidInput as refusal:
        faults.extend(refusal.faults)
    return None


def _is_foreign(version: object) -> bool:
    """Whether the object's kind is another's of the same name, such as OpenShift's."""
    return isinstance(version, str) and "/" in version and not version.startswith(f"{GROUP}/")


def _in_namespace(found: RbacObject, namespace: str) -> RbacObject:
    if not isinstance(found, Role | RoleBinding) or found.metadata.namespace:
        return found
    return msgspec.structs.replace(found, metadata=msgspec.structs.replace(found.metadata, namespace=namespace))


def _keep(where: str, found: RbacObject, kept: _Kept, faults: list[Fault]) -> None:
    earlier = kept.pop(found.named, None)
    if earlier:
        allowed = f"each object once; {where} is the same one, and as the later of the two it counts"
        faults.append(Fault(path=earlier[0], value=str(found.named), allowed=allowed))
    kept[found.named] = (where, found)


def _all(kind: type[ObjectT], kept: _Kept) -> tuple[ObjectT, ...]:
    return tuple(found for _, found in kept.values() if type(found) is kind)

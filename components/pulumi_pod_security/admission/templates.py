"""Pod templates inside custom resources: pointed at by path, or found to suggest one.

Who creates the pods of a custom resource is not known. They are judged as if a ReplicaSet did, which is so wherever
its controller makes ReplicaSets or Deployments; a custom controller's own identity may hold other rights.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi_pod_security.admission.conversion import converted
from pulumi_pod_security.admission.manifests import Meta, PodTemplate
from pulumi_pod_security.admission.workloads import Workload, controller, of_template
from pulumi_pod_security.errors import MISSING, Fault, InvalidInput, one_of

__all__ = ["embedded", "mended", "pointed_at", "require_paths"]

_SEARCHED = 20_000
_EXAMPLE = "{'argoproj.io/Rollout': 'spec.template'}"


def require_paths(templates: Mapping[str, str]) -> None:
    """Refuse what could not point at a template: by group and kind, the path below the object, dots between its steps.

    Raises:
        InvalidInput: with every fault.
    """
    wrong = {kind: instead for kind, path in templates.items() if (instead := mended(kind, path, _EXAMPLE))}
    if wrong:
        faults = (
            Fault(path=f"templates[{kind!r}]", value=templates[kind], allowed=allowed)
            for kind, allowed in wrong.items()
        )
        raise InvalidInput("templates", faults)


def mended(kind: str, path: str, example: str) -> str | None:
    """What to write instead of a kind and a path; None where they may point at a template.

    Args:
        example: both of them, as they are written where they come from.
    """
    parts = kind.split("/")
    if len(parts) == 3 and all(parts):
        return f"group and kind, without the version between them: '{parts[0]}/{parts[2]}'"
    if len(parts) != 2 or not all((*parts, path)):
        return f"group, kind and path, such as {example}"
    if path.startswith(".") and path.strip("."):
        return f"a path without a dot at its beginning: {path.strip('.')!r}"
    return None if all(path.split(".")) else f"a path with one dot between two steps, such as {example}"


def pointed_at(data: Mapping[str, Any], where: str, path: str, namespace: str) -> Iterator[tuple[str, Workload]]:
    """What a custom resource creates: a workload and its place for every template at the path.

    A list on the way is gone through. A pod's spec in the place of a template will do.

    Raises:
        InvalidInput: there is nothing at the path, or no template.
    """
    owner = converted(data.get("metadata"), Meta, f"{where}.metadata")
    owner.namespace = owner.namespace or namespace
    for place, found in _below(data, where, path.split(".")):
        whole = {"spec": found} if isinstance(found, Mapping) and "containers" in found else found
        template = converted(whole, PodTemplate, place)
        yield place, of_template(str(data["kind"]), owner, template, controller("replicaset-controller"), None)


def _below(data: object, where: str, steps: list[str]) -> Iterator[tuple[str, object]]:
    if isinstance(data, list):
        for index, each in enumerate(data):
            yield from _below(each, f"{where}[{index}]", steps)
    elif not steps:
        yield where, data
    elif isinstance(data, Mapping) and data.get(steps[0]) is not None:
        yield from _below(data[steps[0]], f"{where}.{steps[0]}", steps[1:])
    else:
        known = one_of(data, given=steps[0]) if isinstance(data, Mapping) and data else "a mapping"
        allowed = f"a pod template, where it was said to be; {known}"
        raise InvalidInput(where, [Fault(path=f"{where}.{steps[0]}", value=MISSING, allowed=allowed)])


def embedded(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The paths at which the object seems to hold pod templates; large objects are searched in part."""
    waiting: list[tuple[str, object]] = [("", data)]
    found: set[str] = set()
    searched = 0
    while waiting and searched < _SEARCHED:
        path, value = waiting.pop()
        searched += 1
        if isinstance(value, list):
            waiting.extend((path, each) for each in value[:_SEARCHED] if isinstance(each, dict | list))
        elif isinstance(value, Mapping):
            if path and _is_template(value):
                found.add(path)
            below = ((f"{path}.{key}" if path else key, each) for key, each in value.items())
            waiting.extend((key, each) for key, each in below if isinstance(each, dict | list))
    return tuple(sorted(found))


def _is_template(value: Mapping[str, Any]) -> bool:
    spec = value.get("spec")
    containers = spec.get("containers") if isinstance(spec, Mapping) else None
    return isinstance(containers, list) and any(isinstance(each, Mapping) and "image" in each for each in containers)

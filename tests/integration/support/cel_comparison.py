"""What the plugin and the admission policies said to the same request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from pulumi_pod_security.controls.app_armor import CONTAINER_PREFIX
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.profile import field_of
from tests.fixtures.psp_cases import Case
from tests.integration.support.asking import Reply

__all__ = ["Pair", "sort_of"]

_RANDOM = re.compile(rb"kube-api-access-[a-z0-9]{5}")
_NOTE = "kubernetes.io/psp"
_PROFILES = ("seccomp.security.alpha.", "container.seccomp.security.alpha.", "container.apparmor.security.beta.")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A case with both answers."""

    case: Case
    plugin: Reply
    policies: Reply

    @property
    def is_valid(self) -> bool:
        """Whether the validation of neither server has anything against the pod."""
        return _is_judged(self.plugin) and _is_judged(self.policies)

    @property
    def is_debugging(self) -> bool:
        """Whether a container is added for debugging, at which the plugin never looks."""
        return bool(self.case.subresource)

    def differences(self) -> Iterator[str]:
        """Everything in which the answers are not the same."""
        admitted = [reply.code < 300 for reply in (self.plugin, self.policies)]
        if not self.is_valid or self.is_debugging:
            return
        if admitted == [True, True] and self.case.stored is None:
            yield from leaves(self.case.name, _written(self.plugin), _written(self.policies))
        elif admitted[0] != admitted[1]:
            yield f"{self.case.name}: {_said(self.plugin)} | {_said(self.policies)}"


def leaves(path: str, before: Any, after: Any) -> Iterator[str]:
    """The values below two pods that are not equal."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from leaves(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from leaves(f"{path}[{index}]", *pair)
    elif before != after:
        yield f"{path}: {before} | {after}"


def sort_of(pair: Pair) -> str:
    """What the case shows."""
    if not pair.is_valid:
        return "refused by validation"
    kind = "debugged" if pair.is_debugging else "created" if pair.case.stored is None else "updated"
    return f"{kind}, {'admitted' if pair.policies.code < 300 else 'refused'}"


def _is_judged(reply: Reply) -> bool:
    return reply.code != 422


def _said(reply: Reply) -> str:
    if reply.code >= 300:
        return f"{reply.code} {reply.content['message']}"
    return f"admitted by {reply.content['metadata'].get('annotations', {}).get(_NOTE)}"


def _written(reply: Reply) -> Any:
    """What a policy reads or writes, with profiles named as newer servers name them: by fields."""
    pod = msgspec.json.decode(_RANDOM.sub(b"kube-api-access-xxxxx", reply.body))
    metadata = pod["metadata"]
    annotations = metadata.get("annotations", {})
    metadata["annotations"] = {key: value for key, value in annotations.items() if not key.startswith(_PROFILES)}
    if "generateName" in metadata:
        del metadata["name"]
    for container in (*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]):
        named = field_of(annotations.get(CONTAINER_PREFIX + container["name"], ""))
        if named is not None:
            container.setdefault("securityContext", {}).setdefault("appArmorProfile", named)
    return msgspec.to_builtins(msgspec.convert(_without_nulls(pod), Pod))


def _without_nulls(value: Any) -> Any:
    """Newer servers leave out what older ones say is null."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value

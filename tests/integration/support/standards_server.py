"""The real Pod Security Admission, asked: an API server with a namespace for each standard."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from pulumi_pod_security.admission.standards import Standard
from tests.fixtures.psp_values import RUNTIME_CLASSES, Manifest
from tests.fixtures.standards_pods import ephemeral_container, random_pod
from tests.fixtures.standards_values import STANDARDS, namespace
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import Asker, Question, Reply
from tools.controlplane import LoneServer

__all__ = ["Exchange", "StandardsServer", "Update"]

_LABEL = "pod-security.kubernetes.io/enforce"
_NAMESPACES = "/api/v1/namespaces"
_GIVEN = re.compile(r'^(pods "pod-)[a-z0-9]{5}(?=")')
# Refused by every standard that refuses anything.
_CANARY: Manifest = {
    "metadata": {"name": "canary"},
    "spec": {"hostPID": True, "containers": [{"name": "c", "image": "c"}]},
}


@dataclass(frozen=True, kw_only=True)
class Update:
    """A stored pod, what it is to become, and where that is asked for."""

    before: Manifest
    after: Manifest
    subresource: str = ""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A pod that was sent to a namespace of that standard, and the answer.

    Attributes:
        before: the stored pod that it is to replace.
    """

    standard: Standard
    sent: Manifest
    reply: Reply
    before: Manifest | None = None

    @property
    def is_valid(self) -> bool:
        """Whether validation, which comes before Pod Security, takes the pod."""
        return self.reply.code != 422

    @property
    def said(self) -> str | None:
        """The refusal, without the end of a name that the server gave; None for a pod that is admitted."""
        return None if self.reply.code in (200, 201) else _GIVEN.sub(r"\1", self.reply.content["message"])


class StandardsServer:
    """An API server in whose namespaces pods are tried and, in some, stored."""

    def __init__(self, server: LoneServer) -> None:
        self._asker = Asker(server)
        self._stored: list[tuple[Standard, Manifest]] = []

    def furnish(self, seed: str, stored: int) -> None:
        """Make the namespaces, and so many pods before anything is enforced."""
        classes = ({"metadata": {"name": name}, "handler": "h"} for name in RUNTIME_CLASSES)
        self._asker.make(
            *(_post(_NAMESPACES, {"metadata": {"name": namespace(standard)}}) for standard in STANDARDS),
            *(_post("/apis/node.k8s.io/v1/runtimeclasses", body) for body in classes),
        )
        rng = Random(f"{seed}/stored")
        self._stored = [self._store(rng, index) for index in range(stored)]
        self._asker.make(*map(_labelling, STANDARDS))
        asked = [standard for standard in STANDARDS if standard.level != "privileged"]
        eventually(lambda: all(each.said for each in self.create((standard, _CANARY) for standard in asked)))

    def create(self, pods: Iterable[tuple[Standard, Manifest]]) -> list[Exchange]:
        """What the server says to each pod in a namespace of its standard."""
        pods = list(pods)
        replies = self._asker.ask_all(_post(f"{_pods(standard)}?dryRun=All", pod) for standard, pod in pods)
        return [
            Exchange(standard=standard, sent=pod, reply=reply)
            for (standard, pod), reply in zip(pods, replies, strict=True)
        ]

    def update(self, seed: str, each: int) -> Iterator[Exchange]:
        """What the server says to so many changes of each stored pod."""
        rng = Random(f"{seed}/updates")
        for standard, pod in self._stored:
            for change in [_changed(rng, pod) for _ in range(each)]:
                path = f"{_pods(standard)}/{pod['metadata']['name']}{change.subresource}?dryRun=All"
                reply = self._asker.ask(Question(method="PUT", path=path, body=change.after))
                yield Exchange(standard=standard, sent=change.after, reply=reply, before=change.before)

    def _store(self, rng: Random, index: int) -> tuple[Standard, Manifest]:
        standard = rng.choice(STANDARDS)
        while True:
            pod = {**random_pod(rng), "metadata": {"name": f"stored-{index}"}}
            reply = self._asker.ask(_post(_pods(standard), pod))
            if reply.code != 422:
                break
        stored: Manifest = reply.content
        if rng.random() < 0.5:
            stored = self._debug(rng, standard, stored)
        return standard, stored

    def _debug(self, rng: Random, standard: Standard, pod: Manifest) -> Manifest:
        """The pod with a container for debugging, if validation takes that."""
        path = f"{_pods(standard)}/{pod['metadata']['name']}/ephemeralcontainers"
        reply = self._asker.ask(Question(method="PUT", path=path, body=_debugged(rng, pod, "first")))
        found: Any = reply.content
        return found if reply.code < 300 else pod


def _changed(rng: Random, pod: Manifest) -> Update:
    after = copy.deepcopy(pod)
    after["metadata"].pop("managedFields", None)
    after["metadata"].pop("resourceVersion", None)
    kind = rng.random()
    if kind < 0.35:
        return Update(before=pod, after=_debugged(rng, after, "next"), subresource="/ephemeralcontainers")
    if kind < 0.7:
        rng.choice([*after["spec"].get("initContainers", ()), *after["spec"]["containers"]])["image"] = "web:3"
    else:
        after["metadata"]["labels"] = {"app": rng.choice(("web", "db"))}
    return Update(before=pod, after=after)


def _debugged(rng: Random, pod: Manifest, name: str) -> Manifest:
    after = copy.deepcopy(pod)
    after["spec"].setdefault("ephemeralContainers", []).append(ephemeral_container(rng, name))
    return after


def _pods(standard: Standard) -> str:
    return f"{_NAMESPACES}/{namespace(standard)}/pods"


def _post(path: str, body: Manifest) -> Question:
    return Question(method="POST", path=path, body=body)


def _labelling(standard: Standard) -> Question:
    labels = {_LABEL: standard.level, f"{_LABEL}-version": standard.version}
    name = namespace(standard)
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
    return Question(method="PUT", path=f"{_NAMESPACES}/{name}", body=body)

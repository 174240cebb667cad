"""Thousands of questions to one API server: many threads, connections that stay open, anybody's name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import msgspec
import urllib3

from pulumi_pod_security.policy.identity import Identity

__all__ = ["WORKERS", "Asker", "Question", "Reached", "Reply"]

WORKERS = 8
_TIMEOUT = 60


@dataclass(frozen=True, kw_only=True)
class Question:
    """One request.

    Attributes:
        body: an object, or the text of one as YAML; a PATCH of text is an apply.
        identity: whose name it is sent in; the cluster's admin's when there is none.
        mark: what the audit log shows as the program that asked.
    """

    method: str
    path: str
    body: Mapping[str, Any] | str | None = None
    identity: Identity | None = None
    mark: str = "tests"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the server said.

    Attributes:
        warnings: the headers of that name, which kubectl shows to whoever asked.
    """

    code: int
    body: bytes
    warnings: tuple[str, ...] = ()

    @property
    def content(self) -> Any:
        """The object in it."""
        return msgspec.json.decode(self.body)


class Reached(Protocol):
    """What has an API server."""

    def kubeconfig(self) -> Path:
        """The admin's."""


class Asker:
    """An API server, as its admin reaches it."""

    def __init__(self, cluster: Reached) -> None:
        from kubernetes import client, config

        configuration = client.Configuration()
        # The server is on this machine, whatever proxy the environment names.
        configuration.proxy = None
        configuration.retries = False
        configuration.connection_pool_maxsize = WORKERS
        load: Any = config.new_client_from_config
        loaded = load(str(cluster.kubeconfig()), client_configuration=configuration, persist_config=False)
        self._host: str = configuration.host
        self._pool: Any = loaded.rest_client.pool_manager

    def ask(self, question: Question) -> Reply:
        """Put one question."""
        kind, body = _sent(question)
        headers = urllib3.HTTPHeaderDict({"User-Agent": question.mark, "Content-Type": kind})
        if question.identity is not None:
            headers["Impersonate-User"] = question.identity.user
            for group in sorted(question.identity.groups):
                headers.add("Impersonate-Group", group)
        answer = self._pool.request(
            question.method, self._host + question.path, body=body, headers=headers, timeout=_TIMEOUT
        )
        return Reply(code=answer.status, body=answer.data, warnings=tuple(answer.headers.getlist("Warning")))

    def ask_all(self, questions: Iterable[Question]) -> list[Reply]:
        """Put many questions, a few at a time; replies come in the order of the questions."""
        with ThreadPoolExecutor(WORKERS) as workers:
            return list(workers.map(self.ask, questions))

    def make(self, *questions: Question) -> list[Reply]:
        """Put questions that nothing may refuse."""
        replies = self.ask_all(questions)
        for question, reply in zip(questions, replies, strict=True):
            assert reply.code < 300, (question, reply.body)
        return replies


def _sent(question: Question) -> tuple[str, bytes | None]:
    """The type of the content, and the content."""
    if isinstance(question.body, str):
        kind = "application/apply-patch+yaml" if question.method == "PATCH" else "application/yaml"
        return kind, question.body.encode()
    return "application/json", None if question.body is None else msgspec.json.encode(question.body)

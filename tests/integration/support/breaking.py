"""One step going wrong, of all that a provider takes: requests to the API server, files, and runs of kubeadm."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Api, Unreachable
from tests.integration.support.faulty import is_change

__all__ = ["DRAFT", "KUBEADM", "Breaking", "How", "Killed", "any_call", "breaking", "change"]

DRAFT = "write what kubeadm reads"
KUBEADM = "run kubeadm"

# Of the folder that kubeadm renders in.
_DRAFTS = "pulumi-pod-security-kubeadm-"


class Killed(BaseException):
    """What a killed process meets wherever it would go on."""


class How(Enum):
    """What becomes of the step."""

    FAILS = "fails"
    LOST = "lost"
    """Made, and said to have failed."""
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"

    def __str__(self) -> str:
        return self.value

    @property
    def is_made(self) -> bool:
        """Whether the step is taken."""
        return self in (How.LOST, How.KILLED_AFTER)

    @property
    def kills(self) -> bool:
        """Whether the process ends there."""
        return self in (How.KILLED_BEFORE, How.KILLED_AFTER)


@dataclass(kw_only=True)
class Breaking:
    """Which steps were taken so far, and which one goes wrong.

    Attributes:
        step: its number, from 1 on; 0 for none.
        how: what becomes of it.
        made: all steps that were tried, by name; several threads may try at once.
    """

    step: int
    how: How
    made: list[str] = field(default_factory=list)
    _dead: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_met(self) -> bool:
        """Whether there were so many steps."""
        return len(self.made) >= self.step

    def through(self, name: str | None, error: Exception, act: Callable[[], Any]) -> Any:
        """Act, unless that is the step that goes wrong; `name` is None for what does not count."""
        if self._dead:
            raise Killed
        if name is None or not self._goes_wrong(name):
            return act()
        if self.how.is_made:
            act()
        self._dead = self.how.kills
        raise Killed if self._dead else error

    def _goes_wrong(self, name: str) -> bool:
        with self._lock:
            self.made.append(name)
            return len(self.made) == self.step


def change(request: Any) -> str | None:
    """The name of a call that changes something for good; others do not count."""
    return any_call(request) if is_change(request.method, f"{request.path}?{'&'.join(request.query)}") else None


def any_call(request: Any) -> str:
    """The name of a call, questions included."""
    return f"{request.method} {request.path.rpartition('/')[2]}"


@contextmanager
def breaking(step: int = 0, how: How = How.FAILS, named: Callable[[Any], str | None] = change) -> Iterator[Breaking]:
    """Break the step of this number; a process that was killed does nothing afterwards, not even clean up."""
    told = Breaking(step=step, how=how)
    received, replace, run, unlink = Api._received, os.replace, subprocess.run, os.unlink

    def receives(api: Api, request: Any) -> bytes:
        answer: bytes = told.through(
            named(request), Unreachable("the server", "broken"), lambda: received(api, request)
        )
        return answer

    def replaces(source: str, target: Path) -> None:
        name = DRAFT if _DRAFTS in str(target) else f"write {Path(target).name}"
        told.through(name, OSError(5, "Input/output error"), lambda: replace(source, target))

    def runs(*arguments: Any, **settings: Any) -> Any:
        return told.through(KUBEADM, OSError(5, "Input/output error"), lambda: run(*arguments, **settings))

    def unlinks(*arguments: Any, **settings: Any) -> None:
        told.through(None, OSError(), lambda: unlink(*arguments, **settings))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Api, "_received", receives)
        patch.setattr(os, "replace", replaces)
        patch.setattr(subprocess, "run", runs)
        patch.setattr(os, "unlink", unlinks)
        yield told

"""A stack's configuration file, changed by `pulumi config` commands as Pulumi's CLI changes it (3.259)."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Callable
from typing import Any

__all__ = ["Configure", "StackFile"]

_STEP = re.compile(r"\[(\d+)\]|\[\"([^\"]*)\"\]|\.?([^.\[]+)")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")


class StackFile:
    """Keys and values, without their namespace."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values: dict[str, Any] = json.loads(json.dumps(values))

    def texts(self) -> dict[str, str]:
        """What a program gets: text as it is, anything else as JSON."""
        return {
            f"pod-security:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in self.values.items()
        }

    def run(self, line: str) -> None:
        """Run commands joined by `&&`; raises ValueError where the CLI refuses."""
        for command in line.split(" && "):
            match shlex.split(command):
                case ["pulumi", "config", "set", "--path", key, value]:
                    self._set(_steps(key), _typed(value))
                case ["pulumi", "config", "set", key, value]:
                    self.values[key.removeprefix("pod-security:")] = value
                case ["pulumi", "config", "rm", "--path", key]:
                    self._remove(_steps(key))
                case ["pulumi", "config", "rm", key]:
                    self.values.pop(key.removeprefix("pod-security:"), None)
                case words:
                    raise ValueError(f"no such command: {words}")

    def _set(self, steps: list[str | int], value: Any) -> None:
        first, second, *_ = steps
        if not isinstance(self.values.get(str(first)), list | dict):
            self.values[str(first)] = _container(second)
        here: Any = self.values
        for step, after in itertools.pairwise(steps):
            if _child(here, step) is None:
                _put(here, step, _container(after))
            here = _child(here, step)
        _put(here, steps[-1], value)

    def _remove(self, steps: list[str | int]) -> None:
        here: Any = self.values
        for step in steps[:-1]:
            here = _child(here, step)
        if _child(here, steps[-1]) is not None:
            del here[steps[-1]]


Configure = Callable[..., StackFile]
"""Sets the whole configuration of the stack, by keys."""


def _steps(key: str) -> list[str | int]:
    found = (match.groups() for match in _STEP.finditer(key.removeprefix("pod-security:")))
    return [int(index) if index else quoted or plain for index, quoted, plain in found]


def _typed(value: str) -> Any:
    if value in ("true", "false"):
        return value == "true"
    return int(value) if _INTEGER.fullmatch(value) else value


def _container(step: str | int) -> Any:
    return [] if isinstance(step, int) else {}


def _child(here: Any, step: str | int) -> Any:
    if isinstance(step, int):
        _expect(here, list)
        return here[step] if step < len(here) else None
    _expect(here, dict)
    return here.get(step)


def _put(here: Any, step: str | int, value: Any) -> None:
    _expect(here, list if isinstance(step, int) else dict)
    if isinstance(step, str) or step < len(here):
        here[step] = value
    elif step == len(here):
        here.append(value)
    else:
        raise ValueError(f"[{step}]: array index out of range")


def _expect(here: Any, kind: type) -> None:
    if not isinstance(here, kind):
        raise ValueError(f"expected a {kind.__name__}, not {here!r}")

"""A stack's configuration file, changed by `pulumi config` commands as Pulumi's CLI changes it (3.259)."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Callable
from typing import Any

from pulumi.runtime import set_all_config

__all__ = ["Configure", "Secret", "StackFile"]

_STEP = re.compile(r"\[(\d+)\]|\[\"([^\"]*)\"\]|\.?([^.\[]+)")
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")


class Secret(str):
    """A text that is kept encrypted."""

    __slots__ = ()


class StackFile:
    """Keys and values, without their namespace.

    Attributes:
        values: what they hold.
        secrets: the keys that are kept encrypted.
    """

    def __init__(self, values: dict[str, Any]) -> None:
        self.values: dict[str, Any] = json.loads(json.dumps(values))
        self.secrets = {key for key, value in values.items() if isinstance(value, Secret)}

    def apply(self) -> None:
        """Make it the configuration of the program."""
        set_all_config(self.texts(), [f"pod-security:{key}" for key in self.secrets])

    def texts(self) -> dict[str, str]:
        """What a program gets: text as it is, anything else as JSON."""
        return {
            f"pod-security:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in self.values.items()
        }

    def run(self, line: str) -> None:
        """Run commands joined by `&&`; raises ValueError where the CLI refuses."""
        for command in line.split(" && "):
            match [word for word in shlex.split(command) if word != "--"]:
                case ["pulumi", "config", "set", "--path", key, value]:
                    self._set(_steps(key), _typed(value))
                case ["pulumi", "config", "set", "--type", "string", "--path", key, value]:
                    self._set(_steps(key), value)
                case ["pulumi", "config", "set", "--secret", key, "<", _]:
                    self.secrets.add(key.removeprefix("pod-security:"))
                case ["pulumi", "config", "set", key, value]:
                    self.values[key.removeprefix("pod-security:")] = value
                case ["pulumi", "config", "rm", "--path", key]:
                    self._remove(_steps(key))
                case ["pulumi", "config", "rm", key]:
                    self.values.pop(key.removeprefix("pod-security:"), None)
                case [old, "renamed", "to", new, "in", "Pulumi.stack.yaml"]:
                    self._rename(_steps(old), str(_steps(new)[-1]))
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

    def _rename(self, steps: list[str | int], name: str) -> None:
        here: Any = self.values
        for step in steps[:-1]:
            here = _child(here, step)
        here[name] = here.pop(steps[-1])
        self.secrets = {name if key == steps[-1] else key for key in self.secrets}


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

"""What the stack's configuration holds, before anything is made of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from stacks.places import Path

__all__ = ["Given", "read_given"]


@dataclass(frozen=True, kw_only=True)
class Given:
    """The configuration of one stack.

    Attributes:
        texts: what Pulumi hands over, by key.
        values: the structures in it.
        secrets: the keys that are kept encrypted, also when only a part of them is.
        file: the name of the stack's file.
    """

    # Either may hold credentials, and a traceback shows what has a repr.
    texts: Mapping[str, str] = field(repr=False)
    values: Mapping[str, Any] = field(repr=False)
    secrets: frozenset[str]
    file: str

    def at(self, path: Path) -> Any:
        """What is at the path; None where nothing is."""
        found: Any = self.values
        for segment in path:
            try:
                found = found[segment]
            except (IndexError, KeyError, TypeError):
                return None
        return found

    def secret(self, path: Path) -> bool:
        """Whether what is at the path must not be shown."""
        return path[0] in self.secrets


def read_given(config: pulumi.Config) -> Given:
    """What the keys of a namespace hold."""
    prefix = config.full_key("")
    keys = {
        key.removeprefix(prefix) for key in {*CONFIG.get(), *pulumi.runtime.get_config_env()} if key.startswith(prefix)
    }
    texts = {key: config.get(key) or "" for key in sorted(keys)}
    return Given(
        texts=texts,
        values={key: _parsed(text) for key, text in texts.items()},
        secrets=frozenset(key for key in keys if is_config_secret(config.full_key(key))),
        file=f"Pulumi.{pulumi.get_stack()}.yaml",
    )


def _parsed(text: str) -> Any:
    """The structure in a value; the CLI hands over what is no list or map as plain text, and nothing as empty text."""
    try:
        return json.loads(text or "null")
    except (ValueError, RecursionError):
        return text

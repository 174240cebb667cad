"""The `pulumi config` commands that mend a fault in the stack's configuration.

What the CLI does (3.259): `set --path` makes lists and maps on its way, and replaces a plain value, at the top of a key
also by a list or map. It enters no list as a map, no map as a list and, below the top, no plain value; then `rm --path`
goes first, which moves the later elements of a list up. It reads the value from standard input when none is given.
What it cannot do is name a key anew: that is one line of the stack's file.
"""

import json
import re
import shlex
from collections.abc import Iterator

from stacks.given import Given
from stacks.places import NAMESPACE, Path, examples, shown

__all__ = ["encrypting", "keepable", "removing", "renaming", "setting"]

# Below the top of a key the CLI takes these for a truth value or a number.
_TYPED = re.compile(r"true|false|0|-?[1-9][0-9]*")
_LONGEST_KEPT = 120


def removing(path: Path) -> str:
    """The command that takes out what is at the path."""
    return " ".join(["pulumi config rm", *_addressed(path)])


def setting(path: Path, given: Given, instead: str | int | None = None) -> str:
    """The commands that put something of the right type at the path.

    Args:
        given: what the configuration holds now.
        instead: what to put there; an example when there is no better guess.
    """
    leaves = [((*path, *below), value if instead is None else instead) for below, value in examples(path)]
    obstacle = _obstacle(leaves[0][0], given)
    if obstacle is None:
        return " && ".join(_set(leaf, value) for leaf, value in leaves)
    place = obstacle
    if isinstance(obstacle[-1], int):
        # The element is gone by then, and this is the index behind the last one.
        place = (*obstacle[:-1], len(given.at(obstacle[:-1])) - 1)
    moved = [_set((*place, *leaf[len(obstacle) :]), value) for leaf, value in leaves]
    return " && ".join([removing(obstacle), *moved])


def encrypting(path: Path, file: str) -> str:
    """The command that keeps the contents of a file at the path as a secret; the shell's history gets its name only."""
    return f"pulumi config set --secret {' '.join(_addressed(path))} < {file}"


def renaming(path: Path, name: str, given: Given) -> str:
    """How what is at the path gets another name beside it, and loses nothing.

    Commands do it for a plain value below a key; lists, maps and secrets stay where they are in the stack's file.
    """
    value, renamed = given.at(path), (*path[:-1], name)
    if len(path) > 1 and not given.secret(path) and keepable(value):
        return f"{removing(path)} && {_set(renamed, value)}"
    old, new = (f"{NAMESPACE}:{shown(place)}" for place in (path, renamed))
    return f"{old} renamed to {new} in {given.file}"


def keepable(value: object) -> bool:
    """Whether a value may stand in a command: plain, on one line and short."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_KEPT and value.isprintable()
    return isinstance(value, int)


def _obstacle(path: Path, given: Given) -> Path | None:
    """The part of the path that holds something the CLI cannot go through."""
    for depth, segment in enumerate(path[1:], start=1):
        value = given.at(path[:depth])
        if value is None or (depth == 1 and not isinstance(value, list | dict)):
            return None
        if not isinstance(value, list if isinstance(segment, int) else dict):
            return path[:depth]
    return None


def _set(path: Path, value: str | int) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    typed = ["--type string"] if len(path) > 1 and isinstance(value, str) and _TYPED.fullmatch(value) else []
    ended = ["--"] if text.startswith("-") else []
    return " ".join(["pulumi config set", *typed, *_addressed(path), *ended, shlex.quote(text)])


def _addressed(path: Path) -> Iterator[str]:
    if len(path) > 1:
        yield "--path"
    yield shlex.quote(f"{NAMESPACE}:{shown(path)}")

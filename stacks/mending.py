"""The `pulumi config` commands that mend a fault in the stack's configuration.

What the CLI does (3.259): `set --path` makes lists and maps on its way, and replaces a plain value, at the top of a key
also by a list or map. It enters no list as a map, no map as a list and, below the top, no plain value; then `rm --path`
goes first, which moves the later elements of a list up.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["NAMESPACE", "Path", "at", "removing", "renaming", "setting", "shown"]

NAMESPACE = "pod-security"

Path = tuple[str | int, ...]
"""A key and what is below it: `("grants", 0, "to")` is `grants[0].to`."""

_ANY = "*"
_EXAMPLES: Mapping[Path, tuple[tuple[Path, str], ...]] = {
    ("policies",): (((0,), "privileged"),),
    ("policies", _ANY): (((), "default"),),
    ("grants",): (((0, "policy"), "default"), ((0, "to", 0), "user:NAME")),
    ("grants", _ANY): ((("policy",), "default"), (("to", 0), "user:NAME")),
    ("grants", _ANY, "policy"): (((), "default"),),
    ("grants", _ANY, "to"): (((0,), "user:NAME"),),
    ("grants", _ANY, "to", _ANY): (((), "user:NAME"),),
    ("grants", _ANY, "namespace"): (((), "default"),),
    ("grants", _ANY, "namespaces"): (((0,), "GROUP"),),
    ("admins",): (((0,), "user:NAME"),),
    ("admins", _ANY): (((), "user:NAME"),),
    ("namespaces",): ((("GROUP", 0), "default"),),
    ("namespaces", _ANY): (((0,), "default"),),
    ("namespaces", _ANY, _ANY): (((), "default"),),
    ("platform",): ((("kind",), "kubeadm"), (("config",), "/etc/kubernetes/kubeadm.yaml")),
    ("platform", "kind"): (((), "kubeadm"),),
    ("platform", "config"): (((), "/etc/kubernetes/kubeadm.yaml"),),
    ("platform", "manifests"): (((), "/etc/kubernetes/manifests"),),
    ("platform", "kubeadm"): (((), "/usr/bin/kubeadm"),),
    ("platform", "timeoutSeconds"): (((), "300"),),
    ("kubeconfig",): (((), "/etc/kubernetes/admin.conf"),),
    ("context",): (((), "CONTEXT"),),
}


def shown(path: Path) -> str:
    """The path as Pulumi writes it: `grants[0].to`, `namespaces["a.b"]`."""
    first, *rest = path
    return str(first) + "".join(map(_segment, rest))


def at(path: Path, given: Any) -> Any:
    """What is at the path of a configuration; None where nothing is."""
    for segment in path:
        try:
            given = given[segment]
        except (IndexError, KeyError, TypeError):
            return None
    return given


def removing(path: Path) -> str:
    """The command that takes out what is at the path."""
    return " ".join(["pulumi config rm", *_addressed(path)])


def setting(path: Path, given: Mapping[str, Any], instead: str | None = None) -> str:
    """The commands that put something of the right type at the path.

    Args:
        given: what the configuration holds now.
        instead: what to put there; an example when there is no better guess.
    """
    leaves = [((*path, *below), instead or value) for below, value in _examples(path)]
    obstacle = _obstacle(leaves[0][0], given)
    if obstacle is None:
        return " && ".join(_set(leaf, value) for leaf, value in leaves)
    place = obstacle
    if isinstance(obstacle[-1], int):
        # The element is gone by then, and this is the index behind the last one.
        place = (*obstacle[:-1], len(at(obstacle[:-1], given)) - 1)
    moved = [_set((*place, *leaf[len(obstacle) :]), value) for leaf, value in leaves]
    return " && ".join([removing(obstacle), *moved])


def renaming(path: Path, name: str, given: Mapping[str, Any]) -> str:
    """The commands that give what is at the path another name beside it: a plain value itself, an example of the rest.

    What is at the top of a key may be a secret, and is not shown.
    """
    value = at(path, given)
    plain = len(path) > 1 and isinstance(value, str | int)
    instead = (value if isinstance(value, str) else json.dumps(value)) if plain else None
    return f"{removing(path)} && {setting((*path[:-1], name), given, instead)}"


def _examples(path: Path) -> tuple[tuple[Path, str], ...]:
    # Groups of namespaces have names of the user's own.
    free = path[0] == "namespaces"
    shape = (path[0], *(_ANY if free or isinstance(segment, int) else segment for segment in path[1:]))
    return _EXAMPLES.get(shape, (((), "VALUE"),))


def _obstacle(path: Path, given: Mapping[str, Any]) -> Path | None:
    """The part of the path that holds something the CLI cannot go through."""
    for depth, segment in enumerate(path[1:], start=1):
        value = at(path[:depth], given)
        if value is None or (depth == 1 and not isinstance(value, list | dict)):
            return None
        if not isinstance(value, list if isinstance(segment, int) else dict):
            return path[:depth]
    return None


def _set(path: Path, value: str) -> str:
    return " ".join(["pulumi config set", *_addressed(path), shlex.quote(value)])


def _addressed(path: Path) -> Iterator[str]:
    if len(path) > 1:
        yield "--path"
    yield shlex.quote(f"{NAMESPACE}:{shown(path)}")


def _segment(segment: str | int) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    return f".{segment}" if segment.replace("-", "").replace("_", "").isalnum() else f'["{segment}"]'

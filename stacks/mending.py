"""The `pulumi config` commands that mend a fault in the stack's configuration.

What the CLI does (3.259): `set --path` makes lists and maps on its way, and replaces a plain value, at the top of a key
also by a list or map. It enters no list as a map, no map as a list and, below the top, no plain value; then `rm --path`
goes first, which moves the later elements of a list up.
"""

import shlex
from collections.abc import Iterator
from typing import Any

__all__ = ["NAMESPACE", "Path", "removing", "renaming", "setting", "shown"]

NAMESPACE = "pod-security"

Path = tuple[str | int, ...]
"""A key and what is below it: `("grants", 0, "to")` is `grants[0].to`."""

_ANY = "*"
_EXAMPLES: dict[Path, tuple[tuple[Path, str], ...]] = {
    ("policies",): (((0,), "privileged"),),
    ("policies", _ANY): (((), "default"),),
    ("grants",): ((((0, "policy")), "default"), ((0, "to", 0), "user:NAME")),
    ("grants", _ANY): ((("policy",), "default"), (("to", 0), "user:NAME")),
    ("grants", _ANY, "policy"): (((), "default"),),
    ("grants", _ANY, "to"): (((0,), "user:NAME"),),
    ("grants", _ANY, "to", _ANY): (((), "user:NAME"),),
    ("grants", _ANY, "namespaces"): (((0,), "GROUP"),),
    ("admins",): (((0,), "user:NAME"),),
    ("admins", _ANY): (((), "user:NAME"),),
    ("namespaces",): ((("GROUP", 0), "NAMESPACE"),),
    ("namespaces", _ANY): (((0,), "NAMESPACE"),),
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


def _segment(segment: str | int) -> str:
    if isinstance(segment, int):
        return f"[{segment}]"
    return f".{segment}" if segment.replace("-", "").replace("_", "").isalnum() else f'["{segment}"]'


def removing(path: Path) -> str:
    """The command that takes out what is at the path."""
    return " ".join(["pulumi config rm", *_addressed(path)])


def setting(path: Path, present: Any) -> str:
    """The commands that put something of the right type at the path.

    Args:
        present: what the whole key holds now.
    """
    leaves = [((*path, *below), value) for below, value in _examples(path)]
    obstacle = _obstacle(leaves[0][0], present)
    if obstacle is None:
        return " && ".join(_set(leaf, value) for leaf, value in leaves)
    place = (*obstacle[:-1], _last(obstacle, present)) if isinstance(obstacle[-1], int) else obstacle
    moved = [((*place, *leaf[len(obstacle) :]), value) for leaf, value in leaves]
    return " && ".join([removing(obstacle), *(_set(leaf, value) for leaf, value in moved)])


def renaming(path: Path, name: str, present: Any) -> str:
    """The commands that give what is at the path another name beside it; anything but plain text is an example."""
    value = _at(path, present)
    new = (*path[:-1], name)
    put = _set(new, value) if isinstance(value, str) and len(path) > 1 else setting(new, None)
    return f"{removing(path)} && {put}"


def _examples(path: Path) -> tuple[tuple[Path, str], ...]:
    exact = tuple(_ANY if isinstance(segment, int) else segment for segment in path)
    anywhere = (*exact[:1], _ANY) if path[0] == "namespaces" and len(path) == 2 else exact
    return _EXAMPLES.get(exact) or _EXAMPLES.get(anywhere) or (((), "VALUE"),)


def _obstacle(path: Path, present: Any) -> Path | None:
    """The part of the path that holds something the CLI cannot go through."""
    value = present
    for depth, segment in enumerate(path[1:], start=1):
        fits = isinstance(value, list if isinstance(segment, int) else dict)
        if not fits:
            replaced = value is None or (depth == 1 and not isinstance(value, list | dict))
            return None if replaced else path[:depth]
        value = _at((path[0], segment), value)
    return None


def _at(path: Path, present: Any) -> Any:
    value = present
    for segment in path[1:]:
        try:
            value = value[segment]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _last(path: Path, present: Any) -> int:
    """The index behind the last element, once the one at the path is gone."""
    return len(_at(path[:-1], present)) - 1


def _set(path: Path, value: str) -> str:
    return " ".join(["pulumi config set", *_addressed(path), shlex.quote(value)])


def _addressed(path: Path) -> Iterator[str]:
    if len(path) > 1:
        yield "--path"
    yield shlex.quote(f"{NAMESPACE}:{shown(path)}")

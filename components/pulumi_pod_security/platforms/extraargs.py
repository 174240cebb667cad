"""One flag in `apiServer.extraArgs` of a kubeadm ClusterConfiguration: what it says, where it stands, and all else.

`extraArgs` is a mapping up to kubeadm.k8s.io/v1beta3 and a list of `{name, value}` from v1beta4 (kubeadm 1.31). A text
may hold other documents beside the ClusterConfiguration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import SequenceNode

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.platforms.yamltext import Entry, entry, reader, roots, with_first

__all__ = ["argument", "cluster_configuration", "others", "places", "with_argument", "with_server_entry"]

# Whether extraArgs is a list of names and values, or else a map (cmd/kubeadm/app/apis/kubeadm, v1.24.17 and v1.31.0).
_LISTED = {
    "kubeadm.k8s.io/v1beta1": False,
    "kubeadm.k8s.io/v1beta2": False,
    "kubeadm.k8s.io/v1beta3": False,
    "kubeadm.k8s.io/v1beta4": True,
}
_LONGEST = 200_000
_NAME = re.compile(r"[A-Za-z]{1,40}|([a-z.0-9]{1,40}/)?v[a-z0-9]{1,20}")


def cluster_configuration(text: str) -> dict[str, Any]:
    """The ClusterConfiguration among the documents of a text.

    Raises:
        SwitchError: there is none that can be read.
    """
    return _the_one(_documents(text))


def argument(configuration: dict[str, Any], name: str, allowed: str) -> str | None:
    """What the flag is given, joined by commas where it is repeated; None without it.

    Args:
        allowed: what may stand there, in words.

    Raises:
        SwitchError: something else than text stands there, or `extraArgs` cannot be read.
    """
    arguments = _extra_args(configuration)
    if isinstance(arguments, list):
        named = (given.get("value") for given in _entries(configuration) if given["name"] == name)
        values = [_text(name, value, allowed) for value in named]
        return ",".join(values) if values else None
    return _text(name, arguments[name], allowed) if arguments and name in arguments else None


def places(text: str, name: str) -> list[Entry]:
    """Where the flag has its value: from v1beta4 on it may be repeated."""
    _, server = _server(text)
    arguments = entry(server[1], "extraArgs") if server else None
    if arguments is None:
        return []
    if not isinstance(arguments[1], SequenceNode):
        found = entry(arguments[1], name)
        return [found] if found else []
    named = [item for item in arguments[1].value if (key := entry(item, "name")) and key[1].value == name]
    return [value for item in named if (value := entry(item, "value"))]


def with_argument(text: str, name: str, value: str) -> str:
    """`text` with a flag that is not there yet, in the shape of what is there, or else of the version."""
    flag = [{"name": name, "value": value}] if _is_listed(cluster_configuration(text)) else {name: value}
    return with_server_entry(text, "extraArgs", flag)


def with_server_entry(text: str, name: str, items: dict[str, Any] | list[Any]) -> str:
    """`text` with these items first in what `apiServer` has under that name, which is made where it is not there."""
    kind, server = _server(text)
    if server and (held := entry(server[1], name)):
        return with_first(text, held, items)
    if server:
        return with_first(text, server, {name: items})
    key, _, root = kind
    return with_first(text, (key, root, root), {"apiServer": {name: items}})


def others(text: str, name: str) -> tuple[list[Any], dict[str, Any]]:
    """All that a text says but for that flag: everything beside `apiServer`, and the rest of that."""
    documents = _documents(text)
    configuration = _the_one(documents)
    given = _extra_args(configuration) or {}
    pairs = given.items() if isinstance(given, dict) else [(arg["name"], arg) for arg in _entries(configuration)]
    server = {**(configuration.get("apiServer") or {}), "extraArgs": [pair for pair in pairs if pair[0] != name]}
    rest = [{**document, "apiServer": None} if document is configuration else document for document in documents]
    return rest, server


def _documents(text: str) -> list[Any]:
    if len(text) > _LONGEST:
        raise SwitchError(f"the kubeadm configuration has {len(text)} characters; allowed: at most {_LONGEST}")
    try:
        documents = [document for document in reader().load_all(text) if document is not None]
    except (YAMLError, ValueError, TypeError, RecursionError) as error:
        raise SwitchError(f"the kubeadm configuration is not YAML: {_where(error)}") from None
    return documents


def _where(error: Exception) -> str:
    """The line and the kind of fault; never the parser's own words, which quote values, and those may be tokens."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {type(error).__name__}" if mark else type(error).__name__


def _the_one(documents: list[Any]) -> dict[str, Any]:
    for document in documents:
        if isinstance(document, dict) and document.get("kind") == "ClusterConfiguration":
            version = document.get("apiVersion")
            if version not in _LISTED:
                raise SwitchError(
                    f"apiVersion: {_named(version)} of the ClusterConfiguration; allowed: {', '.join(_LISTED)}"
                )
            return document
    kinds = [_named(document.get("kind")) for document in documents if isinstance(document, dict)]
    raise SwitchError(
        f"the kubeadm configuration holds no ClusterConfiguration (found: {', '.join(kinds) or 'nothing'}); "
        "get it with: kubectl -n kube-system get cm kubeadm-config -o jsonpath='{.data.ClusterConfiguration}'"
    )


def _named(value: object) -> str:
    """A kind or a version as a message may show it: anything else may be a token in the wrong place."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else type(value).__name__


def _extra_args(configuration: dict[str, Any]) -> Any:
    server = configuration.get("apiServer")
    if server is None:
        return None
    if not isinstance(server, dict):
        raise SwitchError(f"apiServer: {type(server).__name__}; allowed: a mapping")
    arguments = server.get("extraArgs")
    if arguments is not None and not isinstance(arguments, (dict, list)):
        raise SwitchError(
            f"apiServer.extraArgs: {shown(arguments)}; "
            "allowed: a mapping (v1beta3) or a list of name and value (v1beta4)"
        )
    if any(node.anchor.value for node in (server, arguments) if isinstance(node, (CommentedMap, CommentedSeq))):
        raise SwitchError(
            "apiServer.extraArgs: shared by an anchor with another part of the configuration, which would get "
            "the flag too; write it out"
        )
    return arguments


def _entries(configuration: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for index, argument in enumerate(_extra_args(configuration)):
        if not isinstance(argument, dict) or not isinstance(argument.get("name"), str):
            raise SwitchError(
                f"apiServer.extraArgs[{index}]: {type(argument).__name__}; allowed: a mapping with name and value"
            )
        yield argument


def _text(name: str, value: object, allowed: str) -> str:
    if value is not None and not isinstance(value, str):
        raise SwitchError(f"apiServer.extraArgs.{name}: {shown(value)}; allowed: {allowed}")
    return value or ""


def _server(text: str) -> tuple[Entry, Entry | None]:
    """Where the ClusterConfiguration has its `kind` and its `apiServer`."""
    kinds = (entry(root, "kind") for root in roots(text))
    kind = next((kind for kind in kinds if kind and kind[1].value == "ClusterConfiguration"), None)
    if kind is None:
        raise SwitchError("kind: merged into the ClusterConfiguration from elsewhere; write it out")
    return kind, entry(kind[2], "apiServer")


def _is_listed(configuration: dict[str, Any]) -> bool:
    arguments = _extra_args(configuration)
    if arguments is None:
        return _LISTED[str(configuration["apiVersion"])]
    return isinstance(arguments, list)

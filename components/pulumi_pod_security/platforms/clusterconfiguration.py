"""The list of admission plugins in a kubeadm ClusterConfiguration, read and changed without touching anything else.

`apiServer.extraArgs` is a mapping up to kubeadm.k8s.io/v1beta3 and a list of `{name, value}` from v1beta4 (kubeadm
1.31). A file may hold other documents beside the ClusterConfiguration; they, and all comments, stay as they are.
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
from pulumi_pod_security.platforms.yamltext import Entry, entry, reader, roots, with_first, with_value
from pulumi_pod_security.policy.plugin import PLUGIN

__all__ = [
    "KUBEADM_DEFAULT",
    "enables_plugin",
    "kubernetes_version",
    "plugins",
    "with_plugin",
    "without_plugin",
]

KUBEADM_DEFAULT = "NodeRestriction"
"""What kubeadm enables when extraArgs names no plugins (phases/controlplane/manifests.go, v1.24.17)."""

_ENABLE = "enable-admission-plugins"
_DISABLE = "disable-admission-plugins"
# Whether extraArgs is a list of names and values, or else a map (cmd/kubeadm/app/apis/kubeadm, v1.24.17 and v1.31.0).
_LISTED = {
    "kubeadm.k8s.io/v1beta1": False,
    "kubeadm.k8s.io/v1beta2": False,
    "kubeadm.k8s.io/v1beta3": False,
    "kubeadm.k8s.io/v1beta4": True,
}
_LONGEST = 200_000
_NAME = re.compile(r"[A-Za-z]{1,40}|([a-z.0-9]{1,40}/)?v[a-z0-9]{1,20}")
_NULL = "tag:yaml.org,2002:null"


def plugins(text: str) -> tuple[str, ...]:
    """The admission plugins that kubeadm would enable for this configuration, in order.

    Raises:
        SwitchError: `text` holds no ClusterConfiguration that can be read.
    """
    return _enabled(_cluster_configuration(_documents(text)))


def enables_plugin(text: str) -> bool:
    """Whether this configuration has PodSecurityPolicy among the enabled plugins; raises SwitchError."""
    return PLUGIN in plugins(text)


def kubernetes_version(text: str) -> str | None:
    """The version of Kubernetes that the configuration names, such as `v1.24.17`, if it names one.

    Raises:
        SwitchError: as `plugins`; also when something else stands there.
    """
    version = _cluster_configuration(_documents(text)).get("kubernetesVersion")
    if version is not None and not isinstance(version, str):
        raise SwitchError(f"kubernetesVersion: {shown(version)}; allowed: a version such as 'v1.24.17'")
    return version or None


def with_plugin(text: str) -> str:
    """`text` with PodSecurityPolicy at the end of the enabled plugins, and otherwise the same to the byte.

    Raises:
        SwitchError: as `plugins`; also when the plugin is disabled by name in the same configuration, or the place of
            the flag is written in a way that cannot be changed alone.
    """
    configuration = _cluster_configuration(_documents(text))
    if PLUGIN in _names(_argument(configuration, _DISABLE)):
        raise SwitchError(
            f"apiServer.extraArgs.{_DISABLE} lists {PLUGIN!r}: the API server refuses to start with a plugin both "
            f"enabled and disabled; take {PLUGIN} out of {_DISABLE}"
        )
    before = _enabled(configuration)
    if PLUGIN in before:
        return text
    wanted = (*before, PLUGIN)
    places = _places(text)
    if not places:
        return _checked(text, _with_flag(text, configuration, ",".join(wanted)), wanted)
    return _checked(text, with_value(text, places[-1], ",".join((*_held(places[-1]), PLUGIN))), wanted)


def without_plugin(text: str) -> str:
    """`text` without PodSecurityPolicy among the enabled plugins, otherwise the same; raises like `with_plugin`."""
    before = plugins(text)
    if PLUGIN not in before:
        return text
    after = text
    # From the end, so that the places before stay where they are.
    for place in reversed([place for place in _places(text) if PLUGIN in _held(place)]):
        after = with_value(after, place, ",".join(name for name in _held(place) if name != PLUGIN))
    return _checked(text, after, tuple(name for name in before if name != PLUGIN))


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


def _cluster_configuration(documents: list[Any]) -> dict[str, Any]:
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
            "apiServer.extraArgs: shared by an anchor with another part of the configuration, which would get the "
            "plugin's flag too; write it out"
        )
    return arguments


def _entries(configuration: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for index, argument in enumerate(_extra_args(configuration)):
        if not isinstance(argument, dict) or not isinstance(argument.get("name"), str):
            raise SwitchError(
                f"apiServer.extraArgs[{index}]: {type(argument).__name__}; allowed: a mapping with name and value"
            )
        yield argument


def _argument(configuration: dict[str, Any], name: str) -> str | None:
    arguments = _extra_args(configuration)
    if isinstance(arguments, list):
        values = [_text(name, given.get("value")) for given in _entries(configuration) if given["name"] == name]
        return ",".join(values) if values else None
    return _text(name, arguments[name]) if arguments and name in arguments else None


def _text(name: str, value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise SwitchError(f"apiServer.extraArgs.{name}: {shown(value)}; allowed: names joined by commas")
    return value or ""


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def _enabled(configuration: dict[str, Any]) -> tuple[str, ...]:
    value = _argument(configuration, _ENABLE)
    return (KUBEADM_DEFAULT,) if value is None else _names(value)


def _arguments(text: str) -> tuple[Entry, Entry | None, Entry | None]:
    """Where the ClusterConfiguration has its `kind`, its `apiServer` and the `extraArgs` in that."""
    kinds = (entry(root, "kind") for root in roots(text))
    kind = next((kind for kind in kinds if kind and kind[1].value == "ClusterConfiguration"), None)
    if kind is None:
        raise SwitchError("kind: merged into the ClusterConfiguration from elsewhere; write it out")
    server = entry(kind[2], "apiServer")
    return kind, server, entry(server[1], "extraArgs") if server else None


def _places(text: str) -> list[Entry]:
    """Where enabled plugins are listed: flags that are repeated add up, so from v1beta4 on there may be several."""
    _, _, arguments = _arguments(text)
    if arguments is None:
        return []
    if not isinstance(arguments[1], SequenceNode):
        found = entry(arguments[1], _ENABLE)
        return [found] if found else []
    named = [item for item in arguments[1].value if (name := entry(item, "name")) and name[1].value == _ENABLE]
    return [value for item in named if (value := entry(item, "value"))]


def _held(place: Entry) -> tuple[str, ...]:
    return () if place[1].tag == _NULL else _names(place[1].value)


def _with_flag(text: str, configuration: dict[str, Any], value: str) -> str:
    """`text` with a flag that is not there yet, in the shape of what is there, or else of the version."""
    kind, server, arguments = _arguments(text)
    flag = [{"name": _ENABLE, "value": value}] if _is_listed(configuration) else {_ENABLE: value}
    if arguments:
        return with_first(text, arguments, flag)
    if server:
        return with_first(text, server, {"extraArgs": flag})
    key, _, root = kind
    return with_first(text, (key, root, root), {"apiServer": {"extraArgs": flag}})


def _is_listed(configuration: dict[str, Any]) -> bool:
    arguments = _extra_args(configuration)
    if arguments is None:
        return _LISTED[str(configuration["apiVersion"])]
    return isinstance(arguments, list)


def _checked(before: str, after: str, wanted: tuple[str, ...]) -> str:
    """`after`, once reading it has shown that the plugins are as wanted and all else is as before."""
    try:
        held = plugins(after) == wanted and _others(after) == _others(before)
    except (SwitchError, RecursionError):
        held = False
    if not held:
        raise SwitchError(
            f"apiServer.extraArgs.{_ENABLE}: written in a way that cannot be changed alone; allowed: names joined by "
            "commas, written out without tags, merges and anchors"
        )
    return after


def _others(text: str) -> list[Any]:
    """All that a configuration says but for the enabled plugins."""
    documents = _documents(text)
    configuration = _cluster_configuration(documents)
    given = _extra_args(configuration) or {}
    pairs = given.items() if isinstance(given, dict) else [(arg["name"], arg) for arg in _entries(configuration)]
    server = {**(configuration.get("apiServer") or {}), "extraArgs": [pair for pair in pairs if pair[0] != _ENABLE]}
    return [{**document, "apiServer": server} if document is configuration else document for document in documents]

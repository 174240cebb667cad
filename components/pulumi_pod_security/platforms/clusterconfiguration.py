"""The list of admission plugins in a kubeadm ClusterConfiguration, read and changed without touching anything else.

`apiServer.extraArgs` is a mapping up to kubeadm.k8s.io/v1beta3 and a list of `{name, value}` from v1beta4 (kubeadm
1.31). A file may hold other documents beside the ClusterConfiguration; they, and all comments, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["KUBEADM_DEFAULT", "PLUGIN", "plugins", "with_plugin", "without_plugin"]

PLUGIN = "PodSecurityPolicy"
KUBEADM_DEFAULT = "NodeRestriction"
"""What kubeadm enables when extraArgs names no plugins (phases/controlplane/manifests.go, v1.24.17)."""

_ENABLE = "enable-admission-plugins"
_DISABLE = "disable-admission-plugins"
_GROUP = "kubeadm.k8s.io/"
_LONGEST = 200_000


def plugins(text: str) -> tuple[str, ...]:
    """The admission plugins that kubeadm would enable for this configuration, in order.

    Raises:
        SwitchError: `text` holds no ClusterConfiguration that can be read.
    """
    return _enabled(_cluster_configuration(_documents(text)))


def with_plugin(text: str) -> str:
    """`text` with PodSecurityPolicy at the end of the enabled plugins; unchanged when it is there already.

    Raises:
        SwitchError: as `plugins`; also when the plugin is disabled by name in the same configuration.
    """
    if PLUGIN in _names(_argument(_cluster_configuration(_documents(text)), _DISABLE)):
        raise SwitchError(
            f"apiServer.extraArgs.{_DISABLE} lists {PLUGIN!r}: the API server refuses to start with a plugin both "
            f"enabled and disabled; take {PLUGIN} out of {_DISABLE}"
        )
    return _edited(text, lambda listed: listed if PLUGIN in listed else (*listed, PLUGIN))


def without_plugin(text: str) -> str:
    """`text` without PodSecurityPolicy among the enabled plugins; raises like `plugins`."""
    return _edited(text, lambda listed: tuple(name for name in listed if name != PLUGIN))


def _edited(text: str, change: Callable[[tuple[str, ...]], tuple[str, ...]]) -> str:
    documents = _documents(text)
    configuration = _cluster_configuration(documents)
    before = _enabled(configuration)
    after = change(before)
    if before == after:
        return text
    _set_enabled(configuration, ",".join(after))
    return _dumped(documents)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def _documents(text: str) -> list[Any]:
    if len(text) > _LONGEST:
        raise SwitchError(f"the kubeadm configuration has {len(text)} characters; allowed: at most {_LONGEST}")
    try:
        documents = [document for document in _yaml().load_all(text) if document is not None]
    except (YAMLError, ValueError, TypeError, RecursionError) as error:
        raise SwitchError(f"the kubeadm configuration is not YAML: {_where(error)}") from None
    return documents


def _where(error: Exception) -> str:
    """The line and the kind of fault; never the parser's own words, which quote values, and those may be tokens."""
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {type(error).__name__}" if mark else type(error).__name__


def _dumped(documents: list[Any]) -> str:
    out = StringIO()
    _yaml().dump_all(documents, out)
    return out.getvalue()


def _cluster_configuration(documents: list[Any]) -> dict[str, Any]:
    for document in documents:
        if isinstance(document, dict) and document.get("kind") == "ClusterConfiguration":
            version = document.get("apiVersion")
            if not str(version).startswith(_GROUP):
                raise SwitchError(
                    f"apiVersion: {version!r} of the ClusterConfiguration; allowed: {_GROUP}v1beta1 and later"
                )
            return document
    kinds = [str(document.get("kind")) for document in documents if isinstance(document, dict)]
    raise SwitchError(
        f"the kubeadm configuration holds no ClusterConfiguration (found: {', '.join(kinds) or 'nothing'}); "
        "get it with: kubectl -n kube-system get cm kubeadm-config -o jsonpath='{.data.ClusterConfiguration}'"
    )


def _extra_args(configuration: dict[str, Any]) -> Any:
    server = configuration.get("apiServer")
    if server is None:
        return None
    if not isinstance(server, dict):
        raise SwitchError(f"apiServer: {shown(server)}; allowed: a mapping")
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
    for index, entry in enumerate(_extra_args(configuration)):
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            raise SwitchError(
                f"apiServer.extraArgs[{index}]: {type(entry).__name__}; allowed: a mapping with name and value"
            )
        yield entry


def _argument(configuration: dict[str, Any], name: str) -> str | None:
    arguments = _extra_args(configuration)
    if isinstance(arguments, list):
        values = [_text(name, entry.get("value")) for entry in _entries(configuration) if entry["name"] == name]
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


def _set_enabled(configuration: dict[str, Any], value: str) -> None:
    arguments = _extra_args(configuration)
    if isinstance(arguments, list):
        _set_entry(configuration, arguments, value)
    elif isinstance(arguments, dict):
        arguments[_ENABLE] = value
    else:
        listed = str(configuration["apiVersion"]).removeprefix(_GROUP) >= "v1beta4"
        server = configuration.get("apiServer")
        if server is None:
            server = configuration["apiServer"] = {}
        server["extraArgs"] = [{"name": _ENABLE, "value": value}] if listed else {_ENABLE: value}


def _set_entry(configuration: dict[str, Any], arguments: list[Any], value: str) -> None:
    """Repeated flags add up in v1beta4, so all of them become one."""
    present = [entry for entry in _entries(configuration) if entry["name"] == _ENABLE]
    if not present:
        arguments.append({"name": _ENABLE, "value": value})
        return
    present[0]["value"] = value
    arguments[:] = [entry for entry in arguments if not any(entry is extra for extra in present[1:])]

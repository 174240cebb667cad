"""The list of admission plugins in a kubeadm ClusterConfiguration, read and changed without touching anything else.

A file may hold other documents beside the ClusterConfiguration; they, and all comments, stay as they are.
"""

from __future__ import annotations

from typing import Any

from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.extraargs import argument, cluster_configuration, others, places, with_argument
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.platforms.yamltext import Entry, with_value
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
_NAMES = "names joined by commas"
_NULL = "tag:yaml.org,2002:null"


def plugins(text: str) -> tuple[str, ...]:
    """The admission plugins that kubeadm would enable for this configuration, in order.

    Raises:
        SwitchError: `text` holds no ClusterConfiguration that can be read.
    """
    return _enabled(cluster_configuration(text))


def enables_plugin(text: str) -> bool:
    """Whether this configuration has PodSecurityPolicy among the enabled plugins; raises SwitchError."""
    return PLUGIN in plugins(text)


def kubernetes_version(text: str) -> str | None:
    """The version of Kubernetes that the configuration names, such as `v1.24.17`, if it names one.

    Raises:
        SwitchError: as `plugins`; also when something else stands there.
    """
    version = cluster_configuration(text).get("kubernetesVersion")
    if version is not None and not isinstance(version, str):
        raise SwitchError(f"kubernetesVersion: {shown(version)}; allowed: a version such as 'v1.24.17'")
    return version or None


def with_plugin(text: str) -> str:
    """`text` with PodSecurityPolicy at the end of the enabled plugins, and otherwise the same to the byte.

    Raises:
        SwitchError: as `plugins`; also when the plugin is disabled by name in the same configuration, or the place of
            the flag is written in a way that cannot be changed alone.
    """
    configuration = cluster_configuration(text)
    if PLUGIN in _names(argument(configuration, _DISABLE, _NAMES)):
        raise SwitchError(
            f"apiServer.extraArgs.{_DISABLE} lists {PLUGIN!r}: the API server refuses to start with a plugin both "
            f"enabled and disabled; take {PLUGIN} out of {_DISABLE}"
        )
    before = _enabled(configuration)
    if PLUGIN in before:
        return text
    wanted = (*before, PLUGIN)
    listed = places(text, _ENABLE)
    if not listed:
        return _checked(text, with_argument(text, _ENABLE, ",".join(wanted)), wanted)
    return _checked(text, with_value(text, listed[-1], ",".join((*_held(listed[-1]), PLUGIN))), wanted)


def without_plugin(text: str) -> str:
    """`text` without PodSecurityPolicy among the enabled plugins, otherwise the same; raises like `with_plugin`."""
    before = plugins(text)
    if PLUGIN not in before:
        return text
    after = text
    # From the end, so that the places before stay where they are.
    for place in reversed([place for place in places(text, _ENABLE) if PLUGIN in _held(place)]):
        after = with_value(after, place, ",".join(name for name in _held(place) if name != PLUGIN))
    return _checked(text, after, tuple(name for name in before if name != PLUGIN))


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (value or "").split(",") if name.strip())


def _enabled(configuration: dict[str, Any]) -> tuple[str, ...]:
    value = argument(configuration, _ENABLE, _NAMES)
    return (KUBEADM_DEFAULT,) if value is None else _names(value)


def _held(place: Entry) -> tuple[str, ...]:
    return () if place[1].tag == _NULL else _names(place[1].value)


def _checked(before: str, after: str, wanted: tuple[str, ...]) -> str:
    """`after`, once reading it has shown that the plugins are as wanted and all else is as before."""
    try:
        held = plugins(after) == wanted and others(after, _ENABLE) == others(before, _ENABLE)
    except (SwitchError, RecursionError):
        held = False
    if not held:
        raise SwitchError(
            f"apiServer.extraArgs.{_ENABLE}: written in a way that cannot be changed alone; allowed: {_NAMES}, "
            "written out without tags, merges and anchors"
        )
    return after

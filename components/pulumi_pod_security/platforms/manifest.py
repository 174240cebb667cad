"""What the API server's static Pod manifest says, read and changed as text, so that hand-written parts survive."""

from __future__ import annotations

import re
from pathlib import Path

from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy.plugin import PLUGIN

__all__ = [
    "MANIFEST",
    "images",
    "manifest_enables_plugin",
    "refuse_another_image",
    "refuse_lost_flags",
    "without_plugin_flag",
]

MANIFEST = "kube-apiserver.yaml"

_ARGUMENT = re.compile(r"""^\s*- +["']?--([\w-]+)""", re.MULTILINE)
# A line of comment may name the flag too.
_FLAG = re.compile(r"^(?!\s*#)(.*--enable-admission-plugins=)([\w,]+)", re.MULTILINE)
_IMAGE = re.compile(r"""^\s*(?:- )?image: *["']?([^\s"']+)""", re.MULTILINE)


def images(manifest: str) -> list[str]:
    """The images of its containers."""
    return _IMAGE.findall(manifest)


def manifest_enables_plugin(manifest: str) -> bool:
    """Whether the API server's flag has the plugin."""
    return PLUGIN in _enabled(manifest)


def without_plugin_flag(manifest: str) -> str:
    """The manifest with the plugin taken out of the API server's flag, and nothing else changed."""

    def kept(flag: re.Match[str]) -> str:
        return flag[1] + ",".join(name for name in flag[2].split(",") if name != PLUGIN)

    return _FLAG.sub(kept, manifest)


def refuse_another_image(rendered: str, current: str, kubeadm: str) -> None:
    """A kubeadm of another version, or an image that was set by hand, would make the switch an upgrade.

    Raises:
        SwitchError: the images differ.
    """
    if images(rendered) != images(current):
        raise SwitchError(
            f"{kubeadm} renders the API server with image {', '.join(images(rendered))}, and the node runs "
            f"{', '.join(images(current))}; give the kubeadm binary of the cluster's version, or set "
            "kubernetesVersion and imageRepository in the configuration"
        )


def refuse_lost_flags(rendered: str, current: str, config: Path) -> None:
    """What was set on the node by hand and not in the configuration would be gone, encryption of Secrets included.

    Raises:
        SwitchError: `current` has flags or admission plugins that `rendered` has not.
    """
    kept = frozenset(_flags(rendered))
    lost = [f"--{name}" for name in _flags(current) if name not in kept]
    lost += [f"admission plugin {name}" for name in _enabled(current) if name not in _enabled(rendered)]
    if lost:
        raise SwitchError(
            f"the API server's manifest on this node has what {config} has not, and rendering it anew would lose: "
            f"{', '.join(lost)}; put it under apiServer.extraArgs there"
        )


def _flags(manifest: str) -> list[str]:
    return _ARGUMENT.findall(manifest)


def _enabled(manifest: str) -> list[str]:
    return [name for flag in _FLAG.finditer(manifest) for name in flag[2].split(",")]

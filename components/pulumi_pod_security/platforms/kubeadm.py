"""kubeadm: the plugin is named in the ClusterConfiguration, and kubeadm renders the API server's static Pod from it.

On a control-plane node the whole switch is made here: configuration, manifest, restart by the kubelet. For nodes that
cannot be reached from where the program runs, only the configuration is written and the command for the nodes is
stated. Not done: several control-plane nodes at once; the `kubeadm-config` ConfigMap.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from pulumi_pod_security.platforms.clusterconfiguration import PLUGIN, plugins, with_plugin, without_plugin
from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.manifest import (
    MANIFEST,
    images,
    manifest_enables_plugin,
    refuse_another_image,
    refuse_lost_flags,
    without_plugin_flag,
)
from pulumi_pod_security.platforms.platform import Platform
from pulumi_pod_security.platforms.rendering import rendered
from pulumi_pod_security.platforms.switch import PluginSwitch, SwitchError

__all__ = [
    "PLATFORM",
    "FoundConfiguration",
    "KubeadmConfigurationSwitch",
    "KubeadmNodeSwitch",
    "enables_plugin",
    "read_configuration",
]

PLATFORM = Platform(
    kind="kubeadm",
    name="kubeadm",
    versions="up to 1.24",
    by_default="the plugin is off, and there is no policy",
    enforcement="names the plugin in the ClusterConfiguration and lets kubeadm render the API server's manifest",
    instead="from 1.25 on use Pod Security Standards or CEL admission",
)


@dataclass(frozen=True, kw_only=True)
class FoundConfiguration:
    """What was there before enforcement was first turned on.

    Attributes:
        config: text of the kubeadm configuration file.
        manifest: text of the API server's static Pod manifest; None where the node is out of reach.
    """

    config: str
    manifest: str | None


def read_configuration(config: Path) -> str:
    """The text of a kubeadm configuration that can be switched.

    Raises:
        SwitchError: the file cannot be read, or holds no ClusterConfiguration that can take the plugin.
    """
    text = read(config)
    try:
        with_plugin(text)
    except SwitchError as error:
        raise SwitchError(f"{config}: {error}") from None
    return text


def enables_plugin(configuration: str) -> bool:
    """Whether a kubeadm configuration has the plugin among the enabled ones; raises SwitchError."""
    return PLUGIN in plugins(configuration)


def _upgrade_command(config: Path, version: str) -> str:
    """What makes NODE, a control-plane node, follow the configuration; run where the configuration is."""
    upgrade = f"sudo kubeadm upgrade apply {version} --config kubeadm.yaml --yes"
    return f"scp {shlex.quote(str(config))} NODE:kubeadm.yaml && ssh NODE {upgrade}"


class KubeadmConfigurationSwitch(PluginSwitch):
    """Changes the configuration file only; the nodes follow when someone runs `kubeadm upgrade`.

    Args:
        config: path of the kubeadm configuration.
        found: what was there before.
        version: the API server's version, such as `v1.24.17`, for the command that makes the nodes follow.
    """

    def __init__(self, *, config: Path, found: FoundConfiguration, version: str) -> None:
        # Not Path.resolve, which in Python 3.11 and 3.12 answers a loop of links with a RuntimeError.
        self._config = Path(os.path.realpath(config))
        self._found = found
        self._version = version

    @property
    def was_on(self) -> bool:
        """Whether the configuration had the plugin before us."""
        return enables_plugin(self._found.config)

    @property
    def is_set(self) -> bool:
        """Whether the configuration has the plugin; raises SwitchError."""
        return enables_plugin(read_configuration(self._config))

    @property
    def way_back(self) -> str | None:
        """The command that makes the nodes follow the configuration, in either direction."""
        return _upgrade_command(self._config, self._version)

    def turn_on(self) -> None:
        """Add the plugin to the configuration; raises SwitchError."""
        replace(self._config, with_plugin(read_configuration(self._config)))

    def turn_off(self) -> None:
        """Put the configuration back: to the byte if nobody else changed it, else without the plugin we added."""
        replace(self._config, self._restored(read(self._config)))

    def _restored(self, text: str) -> str:
        if text == with_plugin(self._found.config):
            return self._found.config
        return text if self.was_on else without_plugin(text)


class KubeadmNodeSwitch(KubeadmConfigurationSwitch):
    """Changes the configuration and lets the node's kubeadm and kubelet make it so.

    Args:
        config: path of the kubeadm configuration.
        manifests: the kubelet's folder of static Pod manifests, such as /etc/kubernetes/manifests.
        kubeadm: the kubeadm binary of the cluster's version.
        found, version: as for the configuration alone.
    """

    def __init__(self, *, config: Path, found: FoundConfiguration, version: str, manifests: Path, kubeadm: str) -> None:
        super().__init__(config=config, found=found, version=version)
        self._manifest = manifests / MANIFEST
        self._kubeadm = kubeadm

    @property
    def way_back(self) -> str | None:
        """None: the kubelet restarts the API server whenever its manifest changes."""
        return None

    @property
    def was_on(self) -> bool:
        """Whether the configuration or the running API server had the plugin before us."""
        return super().was_on or manifest_enables_plugin(self._found.manifest or "")

    @property
    def is_set(self) -> bool:
        """Whether configuration and manifest have the plugin; raises SwitchError."""
        return super().is_set and manifest_enables_plugin(read(self._manifest))

    def turn_on(self) -> None:
        """Add the plugin, render the manifest with kubeadm and hand it to the kubelet; raises SwitchError."""
        made = self._rendered(with_plugin(read_configuration(self._config)))
        current = read(self._manifest)
        refuse_another_image(made, current, self._kubeadm)
        refuse_lost_flags(made, current, self._config)
        super().turn_on()
        replace(self._manifest, made)

    def turn_off(self) -> None:
        """Put configuration and manifest back; a manifest others changed since only loses the plugin we added."""
        current = read(self._manifest)
        restored = self._found.manifest if self._is_ours(current) else None
        super().turn_off()
        replace(self._manifest, restored or (current if self.was_on else without_plugin_flag(current)))

    def _is_ours(self, manifest: str) -> bool:
        """Whether the manifest is what `turn_on` made of the configuration found; kubeadm is not needed to go back."""
        try:
            ours = manifest == self._rendered(with_plugin(self._found.config))
        except SwitchError:
            return False
        # What was found before an upgrade of the cluster would take the upgrade back.
        return ours and images(manifest) == images(self._found.manifest or "")

    def _rendered(self, configuration: str) -> str:
        return rendered(self._kubeadm, configuration, self._config)

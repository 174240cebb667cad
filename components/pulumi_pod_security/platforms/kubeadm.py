"""kubeadm: the plugin is named in the ClusterConfiguration, and kubeadm renders the API server's static Pod from it.

On a control-plane node that is the only one the whole switch is made here: configuration, manifest, restart by the
kubelet. For nodes that cannot be reached from where the program runs, and for several of them, only the configuration
is written and the command for the nodes is stated.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.platforms.apiservers import agreement
from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin, with_plugin, without_plugin
from pulumi_pod_security.platforms.configurations import Configuration, ConfigurationFile, LiveConfiguration
from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.following import Following
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
from pulumi_pod_security.platforms.switch import ByHand, PluginSwitch, SwitchError

__all__ = ["PLATFORM", "FoundConfiguration", "KubeadmConfigurationSwitch", "KubeadmNodeSwitch", "KubeadmSwitch"]

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
        config: text of the kubeadm configuration.
        manifest: text of the API server's static Pod manifest; None where the node is out of reach.
    """

    config: str
    manifest: str | None


class KubeadmSwitch(PluginSwitch):
    """What both switches of a kubeadm cluster do: change the configuration, and ask all API servers.

    Args:
        configuration: where the kubeadm configuration is kept.
        found: what was there before.
    """

    def __init__(self, *, configuration: Configuration, found: FoundConfiguration) -> None:
        self._configuration = configuration
        self._found = found

    @property
    def was_on(self) -> bool:
        """Whether the configuration had the plugin before us."""
        return enables_plugin(self._found.config)

    @property
    def is_set(self) -> bool:
        """Whether the configuration has the plugin; raises PodSecurityError."""
        return enables_plugin(self._configuration.read())

    def is_on(self, cluster: Cluster) -> bool:
        """Whether the plugin judges pods, and every mirror pod of an API server names it.

        A request goes to one API server, behind a load balancer to any, so that a dry run alone cannot tell.
        """
        return super().is_on(cluster) and agreement(cluster).all_run

    def is_off(self, cluster: Cluster) -> bool:
        """Whether the plugin judges no pod, and no mirror pod names it."""
        return super().is_off(cluster) and agreement(cluster).none_runs

    def rehearse(self) -> None:
        """Refuse what could not be turned on, or back off, before anything is changed; raises PodSecurityError."""
        self._configuration.rehearse()

    def turn_on(self) -> None:
        """Add the plugin to the configuration; raises PodSecurityError."""
        self._configuration.change(with_plugin)

    def turn_off(self) -> None:
        """Put the configuration back: to the byte if nobody else changed it, else without the plugin we added."""
        self._configuration.change(self._restored)

    def _restored(self, text: str) -> str:
        if text == with_plugin(self._found.config):
            return self._found.config
        return text if self.was_on else without_plugin(text)


class KubeadmConfigurationSwitch(KubeadmSwitch):
    """Changes the configuration only; the nodes follow when someone runs kubeadm on them.

    Args:
        configuration, found: as for every kubeadm cluster.
        connection: how the cluster is reached.
    """

    def __init__(self, *, configuration: Configuration, found: FoundConfiguration, connection: Connection) -> None:
        super().__init__(configuration=configuration, found=found)
        self._following = Following(configuration, connection)
        self._live = LiveConfiguration(connection)

    @property
    def way_back(self) -> ByHand | None:
        """What makes the nodes follow the configuration, in either direction."""
        return self._following

    def is_off(self, cluster: Cluster) -> bool:
        """Whether no API server has the plugin, nor would the next node that is rendered from the live ConfigMap.

        A file's plugin may have been uploaded, and every later `kubeadm upgrade` follows what was.
        """
        return super().is_off(cluster) and not self._live.holds_plugin()

    def rehearse(self) -> None:
        """Refuse a configuration of another version than the API server's too: it is followed in both directions."""
        super().rehearse()
        self._following.require_version()


class KubeadmNodeSwitch(KubeadmSwitch):
    """Changes the configuration and lets the node's kubeadm and kubelet make it so.

    Args:
        config: path of the kubeadm configuration.
        manifests: the kubelet's folder of static Pod manifests, such as /etc/kubernetes/manifests.
        kubeadm: the kubeadm binary of the cluster's version.
        found: what was there before.
    """

    way_back = None
    """The kubelet restarts the API server whenever its manifest changes."""

    def __init__(self, *, config: Path, found: FoundConfiguration, manifests: Path, kubeadm: str) -> None:
        super().__init__(configuration=ConfigurationFile(config), found=found)
        self._config = config
        self._manifest = manifests / MANIFEST
        self._kubeadm = kubeadm

    @property
    def was_on(self) -> bool:
        """Whether the configuration or the running API server had the plugin before us."""
        return super().was_on or manifest_enables_plugin(self._found.manifest or "")

    @property
    def is_set(self) -> bool:
        """Whether configuration and manifest have the plugin; raises SwitchError."""
        return super().is_set and manifest_enables_plugin(read(self._manifest))

    def rehearse(self) -> None:
        """Refuse what kubeadm does not render, or what would change more than the plugin; raises SwitchError."""
        self._made()

    def turn_on(self) -> None:
        """Add the plugin, render the manifest with kubeadm and hand it to the kubelet; raises SwitchError."""
        made = self._made()
        super().turn_on()
        replace(self._manifest, made)

    def turn_off(self) -> None:
        """Put configuration and manifest back; a manifest others changed since only loses the plugin we added."""
        current = read(self._manifest)
        restored = self._found.manifest if self._is_ours(current) else None
        super().turn_off()
        replace(self._manifest, restored or (current if self.was_on else without_plugin_flag(current)))

    def _made(self) -> str:
        made = self._rendered(with_plugin(self._configuration.rehearse()))
        current = read(self._manifest)
        refuse_another_image(made, current, self._kubeadm)
        refuse_lost_flags(made, current, self._config)
        return made

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

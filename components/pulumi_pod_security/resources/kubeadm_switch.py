"""The two acts behind `KubeadmEnablement`: saving what is there (`Found`), and the switch itself (`Switch`).

They are two resources because a create that fails leaves nothing in state: what `Found` saved is there before anything
is changed, so a switch that was killed half way is finished or undone by the next update.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.platforms.apiservers import ENDPOINTS_RIGHT, require_single_apiserver
from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin, with_plugin, without_plugin
from pulumi_pod_security.platforms.configurations import Configuration, ConfigurationFile, LiveConfiguration
from pulumi_pod_security.platforms.files import read
from pulumi_pod_security.platforms.kubeadm import (
    FoundConfiguration,
    KubeadmConfigurationSwitch,
    KubeadmNodeSwitch,
)
from pulumi_pod_security.platforms.manifest import MANIFEST, manifest_enables_plugin, without_plugin_flag
from pulumi_pod_security.platforms.switch import AdmissionSwitch, relax
from pulumi_pod_security.resources.dynamic import (
    BASELINE,
    Provider,
    cluster_of,
    connection_of,
    differ,
    is_known,
)
from pulumi_pod_security.resources.enforcing import EnforcingProvider, EnforcingResource

__all__ = ["Found", "Switch"]


class FoundProvider(Provider):
    """Saves the kubeadm configuration and the API server's manifest as they are before we change them."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what could not be switched, before anything depends on it: no rights, or one node of several."""
        reachable = is_known(news.get("kubeconfig"))
        if reachable or news.get("config") is not None:
            _configuration(news).rehearse()
            _found(news)
        if reachable and news.get("config") is not None and news.get("manifests") is None:
            # Asked before policies and grants go, which would be late to find that we may not.
            LiveConfiguration(connection_of(news)).holds_plugin()
        if reachable and news.get("manifests") is not None:
            cluster = Cluster(connection_of(news).open())
            require_rights(cluster, [ENDPOINTS_RIGHT])
            require_single_apiserver(cluster)

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """While the plugin is in neither text, whatever stands there is what must be put back later."""
        if differ(olds, news, _RENEWED):
            return True
        found = _found(news)
        off = not enables_plugin(found.config) and not manifest_enables_plugin(found.manifest or "")
        return off and (found.config, found.manifest) != _texts(olds)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Save both texts."""
        return CreateResult("found", _saved(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Save both texts anew; the one that was found without the plugin is never recorded with it."""
        saved = _saved(_news)
        return UpdateResult(saved | _as_before(saved, _olds))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Put back what was saved, if a switch killed half way left the plugin on: policies and grants go next."""
        saved = {"found_config": _props["config_text"], "found_manifest": _props.get("manifest_text")}
        SwitchProvider().put_back({**_props, **saved})


class Found(Resource, module="pod-security", name="KubeadmFound"):
    """What was there before; its texts are kept as secrets, because a kubeadm configuration may hold tokens."""

    config_text: pulumi.Output[str]
    manifest_text: pulumi.Output[str | None]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        kept = pulumi.ResourceOptions(additional_secret_outputs=["config_text", "manifest_text"])
        inputs = {**props, "config_text": None, "manifest_text": None}
        super().__init__(FoundProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, kept))


def _configuration(props: Mapping[str, Any]) -> Configuration:
    """The file that is named, or else the live ConfigMap."""
    config = props.get("config")
    return LiveConfiguration(connection_of(props)) if config is None else ConfigurationFile(Path(config))


def _found(props: Mapping[str, Any]) -> FoundConfiguration:
    manifests = props.get("manifests")
    manifest = None if manifests is None else read(Path(manifests) / MANIFEST)
    return FoundConfiguration(config=_configuration(props).read(), manifest=manifest)


def _saved(props: Mapping[str, Any]) -> dict[str, Any]:
    found = _found(props)
    return {**props, "config_text": found.config, "manifest_text": found.manifest}


def _as_before(saved: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    """The texts as they were before we changed them, also where others changed them since."""
    (config, manifest), (old_config, old_manifest) = _texts(saved), _texts(olds)
    had = enables_plugin(old_config)
    if not had and config == with_plugin(old_config) and (manifest is None) == (old_manifest is None):
        return {"config_text": old_config, "manifest_text": old_manifest}
    ran = had if old_manifest is None else manifest_enables_plugin(old_manifest)
    return {
        "config_text": config if had else without_plugin(config),
        "manifest_text": manifest if ran or manifest is None else without_plugin_flag(manifest),
    }


def _texts(outs: Mapping[str, Any]) -> tuple[str, str | None]:
    return outs["config_text"], outs.get("manifest_text")


_RENEWED = (*BASELINE, "config", "manifests", "kubeadm", "timeout_seconds")


class SwitchProvider(EnforcingProvider):
    """Adds the plugin to the configuration, and on the node itself lets kubeadm and the kubelet follow."""

    renewed = _RENEWED

    def refusal(self, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse an update that could not be made, before the baseline is changed."""
        if olds and is_known(news) and (differ(olds, news, self.renewed) or not _switch(news).is_set):
            _switch(news).rehearse()

    def switch(self, props: Mapping[str, Any]) -> AdmissionSwitch:
        """The configuration alone, or with the node's manifest."""
        return _switch(props)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """As on every platform; what is refused at once is not undone, for nothing was done."""
        _switch(props).rehearse()
        return super().create(props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """As `create`: where the plugin is on it stays on."""
        _switch(_news).rehearse()
        return super().update(_id, _olds, _news)

    def put_back(self, props: Mapping[str, Any]) -> None:
        """Put back what was found, on the node also while its API server is away: that may be what it waits for."""
        relax(_switch(props), _cluster(props), props["timeout_seconds"])


class Switch(EnforcingResource, module="pod-security", name="KubeadmSwitch"):
    """Enforcement on a kubeadm cluster."""

    provider_type = SwitchProvider


def _cluster(props: Mapping[str, Any]) -> Cluster:
    """The recorded cluster, and no other; a node's API server that does not answer cannot be told from it."""
    try:
        return cluster_of(props)
    except ClusterError:
        if props.get("manifests") is None:
            raise
        return Cluster(connection_of(props).open())


def _switch(props: Mapping[str, Any]) -> KubeadmConfigurationSwitch | KubeadmNodeSwitch:
    found = FoundConfiguration(config=props["found_config"], manifest=props.get("found_manifest"))
    if props.get("manifests") is not None:
        config, manifests = Path(props["config"]), Path(props["manifests"])
        return KubeadmNodeSwitch(config=config, found=found, manifests=manifests, kubeadm=props["kubeadm"])
    return KubeadmConfigurationSwitch(configuration=_configuration(props), found=found, connection=connection_of(props))

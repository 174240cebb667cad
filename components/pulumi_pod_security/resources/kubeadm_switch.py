"""The two acts behind `KubeadmEnablement`: saving what is there (`Found`), and the switch itself (`Switch`).

They are two resources because a create that fails leaves nothing in state: what `Found` saved is there before anything
is changed, so a switch that was killed half way is finished or undone by the next update.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, UpdateResult

from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import Verification, plugin_is_on, refused_workloads
from pulumi_pod_security.platforms.apiservers import ENDPOINTS_RIGHT, require_single_apiserver
from pulumi_pod_security.platforms.clusterconfiguration import with_plugin, without_plugin
from pulumi_pod_security.platforms.files import read
from pulumi_pod_security.platforms.kubeadm import (
    FoundConfiguration,
    KubeadmConfigurationSwitch,
    KubeadmNodeSwitch,
    enables_plugin,
    read_configuration,
)
from pulumi_pod_security.platforms.manifest import MANIFEST, manifest_enables_plugin, without_plugin_flag
from pulumi_pod_security.platforms.switch import enforce, relax
from pulumi_pod_security.resources.dynamic import (
    BASELINE,
    Provider,
    connection_of,
    differ,
    grants_of,
    is_known,
    policies_of,
)

__all__ = ["Found", "Switch"]


class FoundProvider(Provider):
    """Saves the kubeadm configuration and the API server's manifest as they are before we change them."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what could not be switched, before anything depends on it: files, or one node of several."""
        _found(news)
        if news.get("manifests") is not None and is_known(news.get("kubeconfig")):
            cluster = Cluster(connection_of(news).open())
            require_rights(cluster, [ENDPOINTS_RIGHT])
            require_single_apiserver(cluster)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """While the plugin is in neither text, whatever stands there is what must be put back later."""
        moved = differ(_olds, _news, _RENEWED)
        found = _found(_news)
        off = not enables_plugin(found.config) and not manifest_enables_plugin(found.manifest or "")
        changed = (found.config, found.manifest) != (_olds["config_text"], _olds.get("manifest_text"))
        return DiffResult(changes=moved or (off and changed))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Save both texts."""
        return CreateResult("found", _saved(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Save both texts anew; once they were found without the plugin, they are never recorded with it."""
        saved = _saved(_news)
        if not enables_plugin(_olds["config_text"]):
            saved |= _as_before(saved, _olds)
        return UpdateResult(saved)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Put back what was saved, if a switch killed half way left the plugin on: policies and grants go next."""
        saved = {"found_config": _props["config_text"], "found_manifest": _props.get("manifest_text")}
        _put_back({**_props, **saved})


class Found(Resource, module="pod-security", name="KubeadmFound"):
    """What was there before; its texts are kept as secrets, because a kubeadm configuration may hold tokens."""

    config_text: pulumi.Output[str]
    manifest_text: pulumi.Output[str | None]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        kept = pulumi.ResourceOptions(additional_secret_outputs=["config_text", "manifest_text"])
        inputs = {**props, "config_text": None, "manifest_text": None}
        super().__init__(FoundProvider(), name, inputs, pulumi.ResourceOptions.merge(opts, kept))


def _found(props: Mapping[str, Any]) -> FoundConfiguration:
    manifests = props.get("manifests")
    manifest = None if manifests is None else read(Path(manifests) / MANIFEST)
    return FoundConfiguration(config=read_configuration(Path(props["config"])), manifest=manifest)


def _saved(props: Mapping[str, Any]) -> dict[str, Any]:
    found = _found(props)
    return {**props, "config_text": found.config, "manifest_text": found.manifest}


def _as_before(saved: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:
    """The texts as they were before we changed them, also where others changed them since."""
    config, manifest = saved["config_text"], saved["manifest_text"]
    if config == with_plugin(olds["config_text"]) and (manifest is None) == (olds.get("manifest_text") is None):
        return {key: olds.get(key) for key in ("config_text", "manifest_text")}
    without = None if manifest is None else without_plugin_flag(manifest)
    return {"config_text": without_plugin(config), "manifest_text": without}


_RENEWED = (*BASELINE, "config", "manifests", "kubeadm", "timeout_seconds")


class SwitchProvider(Provider):
    """Turns the plugin on, proves it and goes back by itself: all inside one create."""

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """A changed baseline is verified anew, a plugin that someone turned off is turned on again.

        A changed kubeconfig or kubeadm counts, because `delete` gets no other than the one recorded.
        """
        changed = differ(_olds, _news, _RENEWED)
        open_ = not _olds.get("enforced") or bool(_olds.get("leaving"))
        return DiffResult(changes=changed or open_ or not _configured(_news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Turn on, verify, undo on any surprise; a plugin found on from a killed run is only verified."""
        return CreateResult("enforcement", _enforced(props, props["refused"] if _switch(props).was_on else (), ()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """As `create`, every step of which may be repeated; what was refused before the change stays refused.

        What the baseline stops granting is deleted only at the end of the update, so the next one verifies once more.
        """
        return UpdateResult(_enforced(_news, _refused_before(_olds, _news), _leaving(_olds, _news)))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Put back what `Found` saved, and wait until the API server runs without the plugin.

        On nodes out of reach that is for a person to do: until then this fails, for grants and policies must stay.
        """
        _put_back(_props)


class Switch(Resource, module="pod-security", name="KubeadmSwitch"):
    """Enforcement on a kubeadm cluster.

    Attributes:
        enforced: whether the API server runs the plugin and was verified.
        command: what to run on nodes out of reach before the next update verifies; empty when there is nothing to run.
        leaving: policies whose grants were withdrawn: they went after the verification, so the next update verifies.
    """

    enforced: pulumi.Output[bool]
    command: pulumi.Output[str]
    leaving: pulumi.Output[list[str]]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        outputs = dict.fromkeys(("enforced", "command", "workloads", "canaries", "leaving"))
        super().__init__(SwitchProvider(), name, {**props, **outputs}, opts)


def _configured(props: Mapping[str, Any]) -> bool:
    configured = enables_plugin(read_configuration(Path(props["config"])))
    if props.get("manifests") is None:
        return configured
    return configured and manifest_enables_plugin(read(Path(props["manifests"]) / MANIFEST))


def _switch(props: Mapping[str, Any]) -> KubeadmConfigurationSwitch:
    config, version = Path(props["config"]), props["version"]
    found = FoundConfiguration(config=props["found_config"], manifest=props.get("found_manifest"))
    if props.get("manifests") is None:
        return KubeadmConfigurationSwitch(config=config, found=found, version=version)
    return KubeadmNodeSwitch(
        config=config, found=found, version=version, manifests=Path(props["manifests"]), kubeadm=props["kubeadm"]
    )


def _put_back(props: Mapping[str, Any]) -> None:
    relax(_switch(props), Cluster(connection_of(props).open()), props["timeout_seconds"])


def _refused_before(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
    """What the plugin refused under the last baseline: recorded before that changed, or asked now where it did not."""
    cluster = Cluster(connection_of(news).open())
    if not olds.get("enforced") or not plugin_is_on(cluster):
        return ()
    if olds.get("leaving") or differ(olds, news, ("policies", "grants")):
        return list(news["refused"])
    return refused_workloads(cluster)


def _leaving(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The policies that the baseline stops granting, here or there."""
    grants = grants_of(news)
    names = {policy.name for policy in policies_of(olds)} - {policy.name for policy in policies_of(news)}
    return sorted(names | {grant.policy for grant in grants_of(olds) if grant not in grants})


def _enforced(props: Mapping[str, Any], refused: Iterable[str], leaving: Sequence[str]) -> dict[str, Any]:
    """Turn on and verify; a run that was killed before it verified leaves nothing that may count as refused before."""
    cluster = Cluster(connection_of(props).open())
    switch = _switch(props)
    if switch.way_back is not None and not plugin_is_on(cluster):
        switch.turn_on()
        return {**props, "enforced": False, "command": switch.way_back, "workloads": 0, "canaries": 0, "leaving": []}
    verification = Verification.begin(cluster, policies_of(props), grants_of(props), refused, leaving)
    verified = enforce(switch, verification, props["timeout_seconds"])
    counts = {"workloads": verified.workloads, "canaries": verified.canaries}
    return {**props, "enforced": True, "command": "", "leaving": list(leaving), **counts}

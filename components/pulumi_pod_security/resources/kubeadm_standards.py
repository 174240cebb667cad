"""`KubeadmStandards`: Pod Security's defaults and exemptions on the control-plane node of a kubeadm cluster.

For a cluster with one control-plane node, on which the program runs; for others there is `pod-security
kubeadm-standards`. Pulumi finds the providers of a stack by this module's path, which therefore never changes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.admission.standards import LATEST, Standard
from pulumi_pod_security.cluster.inventory import LISTED
from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.standards import require_standards
from pulumi_pod_security.cluster.unlabelled import StandardsVerification, require_defaults_admit, server_start
from pulumi_pod_security.errors import InvalidStandard
from pulumi_pod_security.platforms.admissionfile import FOLDER, AdmissionFile
from pulumi_pod_security.platforms.apiservers import ENDPOINTS_RIGHT, require_single_apiserver
from pulumi_pod_security.platforms.known import platform_of
from pulumi_pod_security.platforms.kubeadm_standards import ControlPlaneNode, KubeadmStandardsSwitch
from pulumi_pod_security.platforms.platform import require_admission_file
from pulumi_pod_security.platforms.switch import enforce, relax
from pulumi_pod_security.resources.arguments import kept_secret, require_connection, require_seconds
from pulumi_pod_security.resources.dynamic import Provider, cluster_of, connection_of, differ, is_known
from pulumi_pod_security.resources.kubeadm import KubeadmNode
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)
from pulumi_pod_security.targets.psa import MODES, standard_from_text

__all__ = ["KubeadmStandards", "KubeadmStandardsArgs"]

_RIGHTS = (
    ENDPOINTS_RIGHT,
    Right(verb="list", resource="namespaces"),
    *(Right(verb="list", resource=resource, group=group) for group, resource in LISTED),
    *(Right(verb="impersonate", resource=resource) for resource in ("users", "groups", "serviceaccounts")),
)
_EXEMPT = ("usernames", "namespaces", "runtime_classes")
_RENEWED = (*MODES, *_EXEMPT, "config", "manifests", "kubeadm", "folder", "kubeconfig", "context", "timeout_seconds")


@dataclass(frozen=True, kw_only=True)
class KubeadmStandardsArgs:
    """What holds in namespaces without labels, and who is exempt.

    Attributes:
        config: path of the kubeadm configuration file that holds the cluster's ClusterConfiguration.
        node: the control-plane node this program runs on.
        enforce: the level that pods must fit, such as `baseline`, which is pinned to the server's version;
            `baseline:v1.30` names a version, `baseline:latest` follows the server. None refuses nothing.
        audit, warn: the levels at which the audit log notes, and the sender of a pod or of a template is warned.
        exemptions: whose pods are never judged; `kube-system` belongs there unless it has labels.
        folder: where on the node the file goes.
        kubeconfig: path or content; by default what kubectl would use.
        context: of the kubeconfig; by default its current one.
        timeout_seconds: how long the API server may take to come back.
    """

    config: str
    node: KubeadmNode = field(default_factory=KubeadmNode)
    enforce: str | None = None
    audit: str | None = None
    warn: str | None = None
    exemptions: PodSecurityExemptions = field(default_factory=PodSecurityExemptions)
    folder: str = FOLDER
    kubeconfig: pulumi.Input[str] | None = None
    context: str | None = None
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        require_connection(self, self.kubeconfig, self.context)
        require_seconds(self, self.timeout_seconds)
        for mode in MODES:
            _standard(getattr(self, mode), LATEST, f"{type(self).__name__}.{mode}")


class KubeadmStandardsProvider(Provider):
    """Gives the API server the file, proves it and goes back by itself; killed at any point, the next run goes on."""

    def refusal(self, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what could not be switched, and defaults that something running does not fit."""
        if not is_known(news.get("kubeconfig")):
            return
        cluster = Cluster(connection_of(news).open())
        platform = platform_of(cluster.version.git_version, cluster.api.address)
        if platform:
            require_admission_file(platform)
        require_standards(cluster)
        require_rights(cluster, _RIGHTS)
        require_single_apiserver(cluster)
        server_start(cluster)
        _switch(news, cluster.version.minor).rehearse()
        before = _configuration(olds, olds["minor"]) if olds.get("minor") else PodSecurityConfiguration()
        require_defaults_admit(cluster, before, _configuration(news, cluster.version.minor))

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """What somebody took out, or an upgraded server is to read otherwise, is a change too."""
        if differ(olds, news, _RENEWED):
            return True
        return not _switch(news, Cluster(connection_of(news).open()).version.minor).is_set

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Turn on, verify, undo on any surprise."""
        return CreateResult("standards", _enforced(props, None))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """As `create`; undone, it is what it was before the update."""
        place = ("config", "manifests", "folder")
        if differ(_olds, _news, place):
            self.delete(_id, _olds)
            return UpdateResult(_enforced(_news, None))
        return UpdateResult(_enforced(_news, _file(_olds, int(_olds["minor"]))))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Put back what was there before, wait until the API server has followed, and leave no file."""
        switch = _switch(_props, int(_props["minor"]))
        relax(switch, cluster_of(_props), _props["timeout_seconds"])
        switch.tidy()


class KubeadmStandards(Resource, module="pod-security", name="KubeadmStandards"):
    """Pod Security's defaults and exemptions of a kubeadm cluster; what was there before comes back in the end.

    Attributes:
        path: of the file on the node.
    """

    path: pulumi.Output[str]

    def __init__(self, name: str, args: KubeadmStandardsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        # Providers run in a process with a folder of its own.
        props = {
            "kubeconfig": kept_secret(args.kubeconfig),
            "context": args.context,
            "config": os.path.abspath(args.config),
            "manifests": os.path.abspath(args.node.manifests),
            "kubeadm": args.node.kubeadm,
            "folder": os.path.abspath(args.folder),
            **{mode: getattr(args, mode) for mode in MODES},
            **{kind: list(getattr(args.exemptions, kind)) for kind in _EXEMPT},
            "timeout_seconds": args.timeout_seconds,
            "minor": None,
            "path": None,
        }
        super().__init__(KubeadmStandardsProvider(), name, props, opts)


def _enforced(props: Mapping[str, Any], earlier: AdmissionFile | None) -> dict[str, Any]:
    """Turn on and verify; whichever way it ends, no file stays that nothing names."""
    cluster = cluster_of(props)
    minor = cluster.version.minor
    switch = _switch(props, minor, earlier)
    switch.rehearse()
    verification = StandardsVerification.begin(cluster, _configuration(props, minor))
    try:
        enforce(switch, verification, props["timeout_seconds"])
    finally:
        switch.tidy()
    return {**props, "minor": minor, "path": _file(props, minor).path}


def _switch(props: Mapping[str, Any], minor: int, earlier: AdmissionFile | None = None) -> KubeadmStandardsSwitch:
    config, manifests = Path(props["config"]), Path(props["manifests"])
    node = ControlPlaneNode(config=config, manifests=manifests, kubeadm=props["kubeadm"])
    return KubeadmStandardsSwitch(node=node, file=_file(props, minor), earlier=earlier)


def _file(props: Mapping[str, Any], minor: int) -> AdmissionFile:
    return AdmissionFile(configuration=_configuration(props, minor), minor=int(minor), folder=props["folder"])


def _configuration(props: Mapping[str, Any], minor: int) -> PodSecurityConfiguration:
    pinned = f"v1.{int(minor)}"
    given = {mode: _standard(props.get(mode), pinned, mode) for mode in MODES}
    defaults = PodSecurityDefaults(**{mode: standard for mode, standard in given.items() if standard})
    return PodSecurityConfiguration(
        defaults=defaults, exemptions=PodSecurityExemptions(**{kind: tuple(props[kind]) for kind in _EXEMPT})
    )


def _standard(text: str | None, pinned: str, what: str) -> Standard | None:
    try:
        return None if text is None else standard_from_text(text, pinned)
    except InvalidStandard as error:
        raise InvalidStandard(what, error.faults) from None

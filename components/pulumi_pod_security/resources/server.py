"""The first resource of a baseline: an API server that answers, has what is to enforce it, and lets us work.

Everything else depends on it, so a wrong server, version or kubeconfig is one sentence and nothing is created.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.claims import require_unclaimed
from pulumi_pod_security.cluster.plan import reference
from pulumi_pod_security.cluster.preflight import READ_RIGHTS, require_kept_roles, require_psp, require_rights
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.cluster.serving import served
from pulumi_pod_security.cluster.verification import plugin_is_on, refused_workloads
from pulumi_pod_security.platforms.known import instead
from pulumi_pod_security.policy.enforcement import PSP, fault_of
from pulumi_pod_security.resources.dynamic import (
    Provider,
    connection_of,
    enforced_by,
    grants_of,
    is_known,
    policies_of,
)
from pulumi_pod_security.targets.psp import Manifest, psp_manifests

__all__ = ["GRANTING_RIGHTS", "WRITE_RIGHTS", "Server"]

_VERBS = ("get", "list", "watch", "create", "patch", "delete")

GRANTING_RIGHTS = (
    *(
        Right(verb=verb, resource=resource, group="rbac.authorization.k8s.io")
        for resource in ("clusterroles", "clusterrolebindings", "rolebindings")
        for verb in _VERBS
    ),
    Right(verb="use", resource="podsecuritypolicies", group="policy"),
    Right(verb="use", resource="podsecuritypolicies", group="extensions"),
    Right(verb="bind", resource="clusterroles", group="rbac.authorization.k8s.io"),
    Right(verb="get", resource="namespaces"),
)
"""What creating, changing and removing roles and bindings asks of the kubeconfig; the namespace `kube-system` tells
clusters apart.

Without `list` and `watch` the kubernetes provider waits ten minutes for the end of each object it deletes (4.25).
RBAC lets nobody put `use` in a role who lacks it. It lets nobody bind a role that is not there yet, as while a preview
tries out bindings on the server, who may not bind every role.
"""

WRITE_RIGHTS = (
    *(Right(verb=verb, resource="podsecuritypolicies", group="policy") for verb in _VERBS),
    *GRANTING_RIGHTS,
)
"""What these and policies as objects ask of it."""


class ServerProvider(Provider):
    """Asks the server for its version and for our rights, on every preview and update.

    Whenever the baseline is about to change it also records which workloads the plugin refuses already: what it refuses
    beyond those after the change is the change's doing.
    """

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse a server without what is to enforce, out of reach, or that gives us too few rights; or a lost grant.

        Also what this update would create over somebody else's.
        """
        require_kept_roles(grants_of(_olds), grants_of(news))
        if is_known(news.get("kubeconfig")):
            cluster = Cluster(connection_of(news).open())
            if enforced_by(news) == PSP:
                _require_policies(cluster)
            else:
                _require_others(cluster, enforced_by(news))
            require_unclaimed(cluster.api, _new(_olds, news))

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """An upgrade of the server is a change as well: what is said about its version follows."""
        if super().changes(olds, news):
            return True
        return Cluster(connection_of(news).open()).version.git_version != olds.get("version")

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record the version, and what the plugin refuses, if it is on, before there is a baseline."""
        return CreateResult("server", _outputs(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Record the version, and what the plugin refuses under the baseline that is about to change."""
        return UpdateResult(_outputs(_news))


def _require_policies(cluster: Cluster) -> None:
    version = cluster.version
    if not version.has_psp:
        require_psp(cluster, f"{instead(version.git_version)}; {fault_of(PSP, served(cluster))}")
    require_rights(cluster, WRITE_RIGHTS)


def _require_others(cluster: Cluster, enforcement: str) -> None:
    """Refuse what the server lacks, and to take the policies away from under a plugin that is on."""
    if fault := fault_of(enforcement, served(cluster)):
        raise PreflightRefused(f"{cluster.api.where}: nothing was created; {fault}")
    require_rights(cluster, GRANTING_RIGHTS)
    if cluster.version.has_psp:
        require_rights(cluster, READ_RIGHTS)
        if plugin_is_on(cluster):
            raise PreflightRefused(
                f"{cluster.api.where}: the PodSecurityPolicy plugin is on, which lets nothing in without policies; "
                f"nothing was changed; enforcement: {enforcement!r}; allowed: 'psp' until the plugin is off; "
                "mend it with: pulumi config set pod-security:enforcement psp"
            )


def _new(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterator[Manifest]:
    """The policies and bindings that the last update did not declare: before a killed one made any, it had begun."""
    before = {reference(manifest) for manifest in _declared(olds)}
    return (manifest for manifest in _declared(news) if reference(manifest) not in before)


def _declared(props: Mapping[str, Any]) -> Iterator[Manifest]:
    """What may differ from others': roles are named after their policies, and say no more than `use`."""
    manifests = psp_manifests(policies_of(props), grants_of(props))
    return chain(manifests.policies if enforced_by(props) == PSP else (), manifests.bindings)


def _outputs(props: dict[str, Any]) -> dict[str, Any]:
    cluster = Cluster(connection_of(props).open())
    refused = [] if cluster.missing(READ_RIGHTS) else refused_workloads(cluster)
    return {**props, "version": cluster.version.git_version, "refused": refused}


class Server(Resource, module="pod-security", name="Server"):
    """The API server a baseline is put on.

    Attributes:
        version: the server's version, such as `v1.24.17`.
        refused: workloads that the plugin refused before the baseline last changed; empty when it was off or when the
            kubeconfig may not ask.
    """

    version: pulumi.Output[str]
    refused: pulumi.Output[list[str]]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(ServerProvider(), name, {**props, "version": None, "refused": None}, opts)

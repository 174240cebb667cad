"""The first resource of a baseline: an API server that answers, has PodSecurityPolicy, and lets us work.

Everything else depends on it, so a wrong server, version or kubeconfig is one sentence and nothing is created.
"""

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.preflight import require_psp, require_rights
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.resources.dynamic import Provider, connection_of, is_known

__all__ = ["WRITE_RIGHTS", "Server"]

WRITE_RIGHTS = (
    *(
        Right(verb=verb, resource=resource, group=group)
        for group, resource in (
            ("policy", "podsecuritypolicies"),
            ("rbac.authorization.k8s.io", "clusterroles"),
            ("rbac.authorization.k8s.io", "clusterrolebindings"),
            ("rbac.authorization.k8s.io", "rolebindings"),
        )
        for verb in ("get", "create", "patch", "delete")
    ),
    Right(verb="use", resource="podsecuritypolicies", group="policy"),
)
"""What creating, changing and removing a baseline asks of the kubeconfig; RBAC lets nobody grant `use` who lacks it."""


class ServerProvider(Provider):
    """Asks the server for its version and for our rights, on every preview and update."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse a server without PodSecurityPolicy, out of reach, or that gives us too few rights."""
        if is_known(news):
            cluster = Cluster(connection_of(news).open())
            require_psp(cluster)
            require_rights(cluster, WRITE_RIGHTS)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record the version found."""
        return CreateResult("server", self._outputs(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Record the version found."""
        return UpdateResult(self._outputs(_news))

    def _outputs(self, props: dict[str, Any]) -> dict[str, Any]:
        return {**props, "version": Cluster(connection_of(props).open()).version.git_version}


class Server(Resource, module="pod-security", name="Server"):
    """The API server a baseline is put on.

    Attributes:
        version: the server's version, such as `v1.24.17`.
    """

    version: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        kubeconfig: pulumi.Input[str] | None,
        context: str | None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"kubeconfig": kubeconfig, "context": context, "version": None}
        super().__init__(ServerProvider(), name, props, opts)

"""`PodSecurityBaseline`: policies and the RBAC that grants them, in the order a cluster can survive.

It enforces nothing by itself: on a server whose plugin is off it changes nothing for any pod. On one whose plugin is on
it refuses to strand what runs, and to go while something needs it. On one without PodSecurityPolicy the grants stay as
they are, for they say who may use which policy whatever enforces them; policies are no objects there.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_pod_security.cluster.plan import reference
from pulumi_pod_security.policy.config import grant_to_config
from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_sent
from pulumi_pod_security.policy.subjects import Subject
from pulumi_pod_security.resources.arguments import kept_secret, require_connection, require_enforcement
from pulumi_pod_security.resources.guard import Guard
from pulumi_pod_security.resources.server import Server
from pulumi_pod_security.targets.psp import API_GROUPS, psp_manifests

__all__ = ["PodSecurityBaseline", "PodSecurityBaselineArgs"]


@dataclass(frozen=True, kw_only=True)
class PodSecurityBaselineArgs:
    """What a baseline consists of.

    Attributes:
        policies: the policies, each once.
        grants: who may use which of them, where.
        admins: users and groups who may manage policies (`psp-admin`).
        kubeconfig: path or contents of the kubeconfig the checks use; None means `$KUBECONFIG`, else `~/.kube/config`,
            as for the kubernetes provider. Contents are kept as a secret.
        context: a context in it; None means its current context.
        api_groups: the API groups that roles name; `policy` alone is enough from Kubernetes 1.16 on.
        enforcement: what is to hold pods to the policies: `psp`, `cel`, `psa` or `cel+psa`. Policies are objects under
            `psp` alone; the first update with another drops them from the state, whether or not the server still has
            them.
    """

    policies: Sequence[PodSecurityPolicy]
    grants: Sequence[Grant]
    admins: Sequence[Subject] = ()
    kubeconfig: pulumi.Input[str] | None = None
    context: str | None = None
    api_groups: Sequence[str] = API_GROUPS
    enforcement: str = PSP

    def __post_init__(self) -> None:
        require_enforcement(self, self.enforcement)
        require_connection(self, self.kubeconfig, self.context)


class PodSecurityBaseline(pulumi.ComponentResource):
    """Policies, then the roles that allow their use, then the bindings that grant the roles, then the guard.

    Attributes:
        ready: every resource of the baseline; what comes later depends on these, not on the component.
        version: the API server's version.
        refused: workloads that the plugin refused before the baseline last changed.

    Raises:
        InvalidInput: policies and grants that the server would refuse or that do not fit together; then nothing is
            registered.
    """

    version: pulumi.Output[str]
    refused: pulumi.Output[list[str]]

    def __init__(self, name: str, args: PodSecurityBaselineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        manifests = psp_manifests(args.policies, args.grants, args.admins, api_groups=args.api_groups)
        super().__init__("pod-security:index:PodSecurityBaseline", name, None, opts)
        self.args = args
        self.manifests = manifests
        self._name = name

        server = Server(f"{name}-server", self.as_inputs, self._after([]))
        self.policies = self._policies([server]) if args.enforcement == PSP else []
        self.roles = self._roles([server, *self.policies])
        self.bindings = self._bindings([server, *self.policies, *self.roles])

        objects: list[pulumi.Resource] = [server, *self.policies, *self.roles, *self.bindings]
        guard = Guard(f"{name}-guard", {**self.as_inputs, "ids": self.ids}, self._after(objects))

        self.ready: list[pulumi.Resource] = [*objects, guard]
        self.version = server.version
        self.refused = server.refused
        self.register_outputs({"version": self.version})

    @property
    def as_inputs(self) -> dict[str, Any]:
        """The baseline as inputs of the resources that check it and enforce it."""
        return {
            "kubeconfig": kept_secret(self.args.kubeconfig),
            "context": self.args.context,
            "policies": [json.dumps(manifest, sort_keys=True) for manifest in self.manifests.policies],
            "grants": [grant_to_config(grant) for grant in self.args.grants],
            "enforcement": self.args.enforcement,
        }

    @property
    def ids(self) -> dict[str, pulumi.Output[str]]:
        """The ids of all objects by `Kind/name` or `Kind/namespace/name`; unknown until one is created."""
        policies = self.manifests.policies if self.policies else ()
        manifests = (*policies, *self.manifests.roles, *self.manifests.bindings)
        named = zip(manifests, (*self.policies, *self.roles, *self.bindings), strict=True)
        return {reference(manifest): resource.id for manifest, resource in named}

    def _after(self, earlier: Sequence[pulumi.Resource]) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(earlier))

    def _policies(self, earlier: Sequence[pulumi.Resource]) -> list[pulumi.CustomResource]:
        from pulumi_kubernetes.policy.v1beta1 import PodSecurityPolicy as PodSecurityPolicyObject

        return [
            PodSecurityPolicyObject(self._named(manifest), **_body(manifest), opts=self._after(earlier))
            for manifest in (as_sent(policy).to_manifest() for policy in self.args.policies)
        ]

    def _roles(self, earlier: Sequence[pulumi.Resource]) -> list[pulumi.CustomResource]:
        from pulumi_kubernetes.rbac.v1 import ClusterRole

        return [
            ClusterRole(self._named(manifest), **_body(manifest), opts=self._after(earlier))
            for manifest in self.manifests.roles
        ]

    def _bindings(self, earlier: Sequence[pulumi.Resource]) -> list[pulumi.CustomResource]:
        from pulumi_kubernetes.rbac.v1 import ClusterRoleBinding, RoleBinding

        kinds = {"RoleBinding": RoleBinding, "ClusterRoleBinding": ClusterRoleBinding}
        return [
            kinds[manifest["kind"]](self._named(manifest), **_body(manifest), opts=self._after(earlier))
            for manifest in self.manifests.bindings
        ]

    def _named(self, manifest: Mapping[str, Any]) -> str:
        """A name of its own: no namespace and no RBAC name has a slash."""
        metadata = manifest["metadata"]
        return f"{self._name}-" + "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))


_ARGUMENTS = {"roleRef": "role_ref"}


def _body(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """A manifest as arguments of its Pulumi resource, which knows `apiVersion` and `kind` itself."""
    return {_ARGUMENTS.get(key, key): value for key, value in manifest.items() if key not in ("apiVersion", "kind")}

"""Proof, before the switch, that nothing running depends on the absence of PodSecurityPolicy.

Asks the server only questions of access: may the service account or the creator of every workload use some policy.
Whether that policy admits the pod is asked by `cluster.verification`, after the switch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from pulumi_pod_security.cluster.in_force import require_in_force
from pulumi_pod_security.cluster.inventory import LISTED, Workload, workloads
from pulumi_pod_security.cluster.plan import Plan, binding_reference, rebound
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.identity import Identity

__all__ = [
    "READ_RIGHTS",
    "preflight",
    "require_independent",
    "require_kept_roles",
    "require_psp",
    "require_rights",
]

READ_RIGHTS = (
    *(Right(verb="list", resource=resource, group=group) for group, resource in LISTED),
    Right(verb="list", resource="podsecuritypolicies", group="policy"),
    Right(verb="create", resource="subjectaccessreviews", group="authorization.k8s.io"),
    Right(verb="impersonate", resource="users"),
    Right(verb="impersonate", resource="groups"),
    Right(verb="impersonate", resource="serviceaccounts"),
)
"""What preflight and verification ask of the kubeconfig."""

_PLAIN = re.compile(r"(?!(?:true|false|yes|no|on|off|y|n|null)$)[A-Za-z][-.A-Za-z0-9]*")


def require_psp(cluster: Cluster) -> None:
    """Refuse a server whose version has no PodSecurityPolicy.

    Raises:
        PreflightRefused: the server is 1.25 or later.
        ClusterError: no server answers.
    """
    version = cluster.version
    if not version.has_psp:
        raise PreflightRefused(
            f"the server at {cluster.api.where} runs Kubernetes {version.git_version}, and PodSecurityPolicy was "
            "removed in 1.25: nothing was created; use Pod Security Standards or CEL admission there"
        )


def require_rights(cluster: Cluster, rights: Iterable[Right]) -> None:
    """Refuse a kubeconfig that lacks one of `rights`, naming every verb and resource it lacks.

    Raises:
        PreflightRefused: at least one right is missing.
    """
    missing = cluster.missing(rights)
    if missing:
        heading = f"the kubeconfig's user may not do all that is needed at {cluster.api.where}; missing:"
        check = f"check with: kubectl auth can-i {missing[0]}"
        raise PreflightRefused(listed(heading, [*map(str, missing), check]))


def require_kept_roles(before: Iterable[Grant], after: Iterable[Grant]) -> None:
    """Refuse grants whose binding would have to go before it can come back with another role.

    Raises:
        PreflightRefused: with every such grant.
    """
    faults = [
        f"{binding_reference(grant)} cannot change its role to {grant.role_name}: it would be deleted first, and "
        "nobody would hold its grant meanwhile; give this grant another `binding:` name"
        for grant in rebound(before, after)
    ]
    if faults:
        raise PreflightRefused(listed("grants would be gone for a moment; nothing was changed", faults))


def preflight(cluster: Cluster, plan: Plan) -> None:
    """Refuse to go on unless policies and grants are in force and every workload may use some policy.

    Raises:
        PreflightRefused: with every fault found.
        ClusterError: no server answers, or a question was refused.
    """
    require_psp(cluster)
    require_rights(cluster, READ_RIGHTS)
    require_in_force(cluster, plan)
    _require_usable(cluster, plan, "enforcement was not touched", lambda workload: _grant_for(workload, plan))


def require_independent(cluster: Cluster, policies: Iterable[str], grants: Sequence[Grant]) -> None:
    """Refuse to take a baseline away from under a plugin that stays on, unless everything may use another policy.

    Raises:
        PreflightRefused: with every workload that could not.
        ClusterError: no server answers, or a question was refused.
    """
    plan = Plan(policies={}, grants=(), withdrawn=tuple(grants), removed=frozenset(policies))
    outcome = (
        "the PodSecurityPolicy plugin is on, so policies and grants stay; if the baseline got another name, take the "
        "old name's resources out of the state alone: pulumi state delete"
    )
    _require_usable(cluster, plan, outcome, lambda _: "give it a policy outside of this stack, or turn the plugin off")


def _require_usable(cluster: Cluster, plan: Plan, outcome: str, mend: Callable[[Workload], str]) -> None:
    found = workloads(cluster.api)
    usable = _Usable(cluster, plan)
    stranded = [workload for workload, may in zip(found, cluster.ask(usable.any_for, found), strict=True) if not may]
    if stranded:
        heading = f"{len(stranded)} of {len(found)} workloads may use no policy; {outcome}"
        names = ", ".join(usable.names) or "no policy at all"
        raise PreflightRefused(listed(heading, [_told(workload, names, mend(workload)) for workload in stranded]))


class _Usable:
    """Which workloads may use some policy, once this update is done."""

    def __init__(self, cluster: Cluster, plan: Plan) -> None:
        self._cluster = cluster
        self._plan = plan
        self.names = sorted((cluster.policies().keys() - plan.removed) | plan.policies.keys())

    def any_for(self, workload: Workload) -> bool:
        """Whether the service account or the creator of `workload` may use at least one policy; likely ones first."""
        asked = [(identity, name) for identity in workload.identities for name in self.names]
        asked.sort(key=lambda pair: not _given(self._plan.grants, pair[0], pair[1], workload.namespace))
        return any(self._may(identity, name, workload.namespace) for identity, name in asked)

    def _may(self, identity: Identity, policy: str, namespace: str) -> bool:
        """What this update is about to grant counts already; what only a withdrawn grant gives counts no more."""
        plan = self._plan
        if _given(filter(plan.awaits, plan.grants), identity, policy, namespace):
            return True
        given = _given(plan.grants, identity, policy, namespace)
        if not given and _given(plan.withdrawn, identity, policy, namespace):
            return False
        return self._cluster.may_use(identity, policy, namespace)


def _given(grants: Iterable[Grant], identity: Identity, policy: str, namespace: str) -> bool:
    return any(grant.policy == policy and grant.covers(identity, namespace) for grant in grants)


def _told(workload: Workload, names: str, mend: str) -> str:
    return (
        f"{workload} ({workload.circumstances}, created by {workload.creator.user})\n"
        f"    may use none of: {names}\n    {mend}"
    )


def _grant_for(workload: Workload, plan: Plan) -> str:
    account = workload.service_account
    to = f"user:{workload.creator.user}" if account is None else f"serviceaccount:{account}"
    policy, namespace = _plain(_proposed(plan)), _plain(workload.namespace)
    subject = f'user("{workload.creator.user}")' if account is None else f'service_account("{account}")'
    return (
        f'grant one:  - {{policy: {policy}, namespace: {namespace}, to: ["{to}"]}}\n'
        f'    in Python:  ps.Grant(policy="{_proposed(plan)}", namespace="{workload.namespace}", '
        f"subjects=[ps.{subject}])"
    )


def _proposed(plan: Plan) -> str:
    """The first declared policy that does not give the node away, so that pasting the advice widens little."""
    tight = (name for name, policy in plan.policies.items() if not policy.spec.privileged)
    return next(tight, next(iter(plan.policies), "POLICY"))


def _plain(name: str) -> str:
    """A name as YAML reads it back: what YAML takes for a number or a truth value needs quotes."""
    return name if _PLAIN.fullmatch(name) else f'"{name}"'

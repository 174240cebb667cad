"""Proof, before policies are enforced, that nothing running depends on the absence of enforcement.

Every workload is judged as it will be once this update is done (`cluster.judging`). That the server says the same of
PodSecurityPolicy is proven by `cluster.verification`, after the switch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from pulumi_pod_security.admission.changes import changes
from pulumi_pod_security.admission.request import Step, Verdict
from pulumi_pod_security.admission.wellknown import MIRROR
from pulumi_pod_security.cluster.access import RBAC_RIGHTS
from pulumi_pod_security.cluster.in_force import require_in_force
from pulumi_pod_security.cluster.inventory import LISTED, Workload, workloads
from pulumi_pod_security.cluster.judging import Judge
from pulumi_pod_security.cluster.plan import Plan, binding_reference, rebound
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.policy.grants import Grant

__all__ = [
    "JUDGING_RIGHTS",
    "READ_RIGHTS",
    "preflight",
    "require_independent",
    "require_kept_roles",
    "require_psp",
    "require_rights",
]

JUDGING_RIGHTS = (
    *(Right(verb="list", resource=resource, group=group) for group, resource in LISTED),
    Right(verb="list", resource="serviceaccounts"),
    Right(verb="create", resource="subjectaccessreviews", group="authorization.k8s.io"),
    Right(verb="impersonate", resource="users"),
    Right(verb="impersonate", resource="groups"),
    Right(verb="impersonate", resource="serviceaccounts"),
)
"""What judging and asking about every workload asks of the kubeconfig."""

READ_RIGHTS = (*JUDGING_RIGHTS, Right(verb="list", resource="podsecuritypolicies", group="policy"))
"""What preflight and verification ask of it where policies are objects of the server."""

_PLAIN = re.compile(r"(?!(?:true|false|yes|no|on|off|y|n|null)$)[A-Za-z][-.A-Za-z0-9]*")


def require_psp(cluster: Cluster, instead: str = "use Pod Security Standards or CEL admission there") -> None:
    """Refuse a server whose version has no PodSecurityPolicy, and say what to do instead.

    Raises:
        PreflightRefused: the server is 1.25 or later.
        ClusterError: no server answers.
    """
    version = cluster.version
    if not version.has_psp:
        raise PreflightRefused(
            f"the server at {cluster.api.where} runs Kubernetes {version.git_version}, and PodSecurityPolicy was "
            f"removed in 1.25: nothing was created; {instead}"
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
    """Refuse to go on unless policies and grants are in force and every workload would be admitted.

    Raises:
        PreflightRefused: with every fault found.
        ClusterError: no server answers, or a question was refused.
    """
    rights = JUDGING_RIGHTS
    if plan.enforcement == PSP:
        require_psp(cluster)
        rights = READ_RIGHTS
    require_rights(cluster, (*rights, *(RBAC_RIGHTS if plan.leaving else ())))
    require_in_force(cluster, plan)
    _require_admitted(cluster, plan, "enforcement was not touched", lambda workload: _grant_for(workload, plan))


def require_independent(cluster: Cluster, policies: Iterable[str], grants: Sequence[Grant]) -> None:
    """Refuse to take a baseline away from under a plugin that stays on, unless others' policies admit everything.

    Raises:
        PreflightRefused: with every workload they would not.
        ClusterError: no server answers, or a question was refused.
    """
    plan = Plan(policies={}, grants=(), withdrawn=tuple(grants), removed=frozenset(policies))
    outcome = (
        "the PodSecurityPolicy plugin is on, so policies and grants stay; if the baseline got another name, take the "
        "old name's resources out of the state alone: pulumi state delete"
    )
    mend = "give it a policy outside of this stack, or turn the plugin off"
    _require_admitted(cluster, plan, outcome, lambda _: mend)


def _require_admitted(cluster: Cluster, plan: Plan, outcome: str, mend: Callable[[Workload], str]) -> None:
    found = [workload for workload in workloads(cluster.api) if not _is_exempt(workload, plan.exemptions)]
    judge = Judge(cluster, plan)
    judged = zip(found, cluster.ask(judge.verdict, found), strict=True)
    refused = [(workload, verdict) for workload, verdict in judged if not verdict.admitted]
    # What the plugin refuses already is not this update's doing.
    before = cluster.ask(lambda pair: cluster.dry_run(pair[0].pod, pair[0].creator).refused_by_psp, refused)
    stranded = [pair for pair, already in zip(refused, before, strict=True) if not already]
    if stranded:
        # First what manifests have to say from now on, because no policy writes it any more.
        stranded.sort(key=lambda pair: not _relies_on_defaults(pair[1]))
        heading = f"{len(stranded)} of {len(found)} workloads would not be admitted; {outcome}"
        told = [_told(workload, verdict, judge.names, mend(workload)) for workload, verdict in stranded]
        raise PreflightRefused(listed(heading, told))


def _told(workload: Workload, verdict: Verdict, names: Sequence[str], mend: str) -> str:
    unwritten = [step for step in verdict.steps if step.outcome == "mutates"]
    refusing = [step for step in verdict.steps if step.outcome == "refuses"]
    lines = [
        *(f"{step.policy}: set what nothing writes on this server: {_missing(step)}" for step in unwritten),
        *(f"{step.policy}: {'; '.join(map(str, step.reasons))}" for step in refusing),
    ]
    why = lines or [f"may use none of: {', '.join(names) or 'no policy at all'}"]
    who = f"{workload} ({workload.circumstances}, created by {workload.creator.user})"
    return "\n    ".join([who, *why, mend])


def _is_exempt(workload: Workload, exemptions: Collection[str]) -> bool:
    annotations = workload.pod["metadata"].get("annotations") or {}
    is_mirror = MIRROR in annotations and "system:nodes" in workload.creator.groups
    return (workload.namespace == "kube-system" and "kube-system" in exemptions) or (
        is_mirror and "mirror-pods" in exemptions
    )


def _relies_on_defaults(verdict: Verdict) -> bool:
    return any(step.outcome == "mutates" for step in verdict.steps)


def _missing(step: Step) -> str:
    return ", ".join(map(str, changes(step.given, step.pod)))


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

"""Proof, before the switch, that nothing running depends on the absence of PodSecurityPolicy.

Asks the server only questions of access: may the service account or the creator of every workload use some policy.
Whether that policy admits the pod is asked by `cluster.verification`, after the switch.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pulumi_pod_security.cluster.inventory import LISTED, Workload, workloads
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.errors import InvalidPolicy, PodSecurityError
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy, PodSecurityPolicySpec
from pulumi_pod_security.policy.stored import as_stored, from_server
from pulumi_pod_security.policy.subjects import Subject

__all__ = [
    "READ_RIGHTS",
    "Plan",
    "PreflightRefused",
    "binding_reference",
    "policy_reference",
    "preflight",
    "require_independent",
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

_SHOWN = 50
# A preview cannot tell what the refresh will have changed back by the time of the update, and would be refused.
_MEND = "pulumi up --refresh --skip-preview"
_PLAIN = re.compile(r"(?!(?:true|false|yes|no|on|off|y|n|null)$)[A-Za-z][-.A-Za-z0-9]*")


class PreflightRefused(PodSecurityError):
    """Switching enforcement on now would refuse something; nothing was changed."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run of preflight holds the cluster against.

    A reference is `Kind/name`, or `Kind/namespace/name`.

    Attributes:
        policies: the baseline's policies by name.
        grants: the baseline's grants.
        pending: references of the policies and bindings that this update is about to create or change.
        created: those of them that this update is about to create.
        withdrawn: grants of the last update that this one no longer makes.
        removed: names of policies of the last update that this one no longer declares.
    """

    policies: Mapping[str, PodSecurityPolicy]
    grants: tuple[Grant, ...]
    pending: frozenset[str] = frozenset()
    created: frozenset[str] = frozenset()
    withdrawn: tuple[Grant, ...] = ()
    removed: frozenset[str] = frozenset()

    def awaits(self, grant: Grant) -> bool:
        """Whether `grant` comes into force only by this update."""
        return not self.pending.isdisjoint((policy_reference(grant.policy), binding_reference(grant)))


def policy_reference(name: str) -> str:
    """How a plan refers to a policy."""
    return f"PodSecurityPolicy/{name}"


def binding_reference(grant: Grant) -> str:
    """How a plan refers to the binding of a grant."""
    if grant.namespace is None:
        return f"ClusterRoleBinding/{grant.binding_name}"
    return f"RoleBinding/{grant.namespace}/{grant.binding_name}"


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
        lines = "".join(f"\n  {right}" for right in missing)
        raise PreflightRefused(
            f"the kubeconfig's user may not do all that is needed at {cluster.api.where}; missing:{lines}\n"
            f"  check with: kubectl auth can-i {missing[0]}"
        )


def preflight(cluster: Cluster, plan: Plan) -> None:
    """Refuse to go on unless policies and grants are in force and every workload may use some policy.

    Raises:
        PreflightRefused: with every fault found.
        ClusterError: no server answers, or a question was refused.
    """
    require_psp(cluster)
    require_rights(cluster, READ_RIGHTS)
    _soon(lambda: _require_in_force(cluster, plan))
    _require_usable(cluster, plan)


def require_independent(cluster: Cluster, policies: Iterable[str], grants: Sequence[Grant]) -> None:
    """Refuse to take a baseline away from under a plugin that stays on, unless everything may use another policy.

    Raises:
        PreflightRefused: with every workload that could not.
        ClusterError: no server answers, or a question was refused.
    """
    _require_usable(cluster, Plan(policies={}, grants=(), withdrawn=tuple(grants), removed=frozenset(policies)))


# An API server's authorizer learns of a new binding a moment after it was created.
_soon = Retrying(
    stop=stop_after_delay(5), wait=wait_fixed(0.5), retry=retry_if_exception_type(PreflightRefused), reraise=True
)


def _require_in_force(cluster: Cluster, plan: Plan) -> None:
    cluster.may_use.cache_clear()
    faults = [*_absent_policies(plan, cluster.policies()), *_idle_grants(cluster, plan)]
    if faults:
        raise PreflightRefused(
            _listed("what the baseline declares is not in force; enforcement was not touched", faults)
        )


def _require_usable(cluster: Cluster, plan: Plan) -> None:
    found = workloads(cluster.api)
    usable = _Usable(cluster, plan)
    stranded = [workload for workload, may in zip(found, cluster.ask(usable.any_for, found), strict=True) if not may]
    if stranded:
        heading = f"{len(stranded)} of {len(found)} workloads may use no policy; enforcement was not touched"
        names = ", ".join(usable.names)
        raise PreflightRefused(_listed(heading, [_advice(workload, names, plan) for workload in stranded]))


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


def _absent_policies(plan: Plan, live: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name, policy in plan.policies.items():
        if policy_reference(name) in plan.created:
            yield from _foreign_policy(policy, live.get(name))
        elif policy_reference(name) in plan.pending:
            continue
        elif name not in live:
            yield f"policy {name} is not on the server: someone deleted it; put it back with: {_MEND}"
        elif differing := _differing(policy, live[name]):
            yield (
                f"policy {name} on the server differs from the declared one in {', '.join(differing)}: "
                f"someone changed it; put it back with: {_MEND}"
            )


def _foreign_policy(policy: PodSecurityPolicy, live: Mapping[str, Any] | None) -> Iterator[str]:
    """An equal policy is what a killed run left behind, or may be taken over; another one is somebody else's."""
    if live is not None and (differing := _differing(policy, live)):
        yield (
            f"policy {policy.name} is on the server already, is not this stack's, and differs from the declared one in "
            f"{', '.join(differing)}: give the declared one another name, or declare it as it is there: "
            f"kubectl get psp {policy.name} -o yaml"
        )


def _differing(declared: PodSecurityPolicy, live: Mapping[str, Any]) -> list[str]:
    """What differs in meaning; what the server fills in or drops does not count, nor do labels and annotations."""
    try:
        theirs = from_server(live)
    except InvalidPolicy as error:
        return [fault.path for fault in error.faults]
    ours = as_stored(declared)
    if theirs.spec.allowed_proc_mount_types is not None:
        # The server's gate ProcMountType is on, so that it keeps what is declared.
        kept = dataclasses.replace(ours.spec, allowed_proc_mount_types=declared.spec.allowed_proc_mount_types)
        ours = dataclasses.replace(ours, spec=kept)
    fields = [name for name in _fields(ours.spec) if getattr(ours.spec, name) != getattr(theirs.spec, name)]
    return fields + [name for name in ("seccomp", "apparmor") if getattr(ours, name) != getattr(theirs, name)]


def _fields(spec: PodSecurityPolicySpec) -> list[str]:
    return [field.name for field in dataclasses.fields(spec)]


def _idle_grants(cluster: Cluster, plan: Plan) -> Iterator[str]:
    for grant in plan.grants:
        if plan.awaits(grant):
            continue
        for subject in grant.subjects:
            if not cluster.may_use(_asked_as(subject), grant.policy, grant.namespace or ""):
                yield (
                    f"{_named(subject)} may not use policy {grant.policy} {_where(grant)}: its "
                    f"{binding_reference(grant)} or the role behind it is gone or changed; put it back with: {_MEND}"
                )


def _asked_as(subject: Subject) -> Identity:
    """An identity that has what it has through this subject alone."""
    if subject.kind == "Group":
        return Identity(user="", groups=frozenset({subject.name}))
    if subject.kind == "User":
        return Identity(user=subject.name)
    return Identity.service_account(subject.namespace or "", subject.name)


def _named(subject: Subject) -> str:
    owner = f"{subject.namespace}/" if subject.namespace else ""
    return f"{subject.kind} {owner}{subject.name}"


def _where(grant: Grant) -> str:
    return f"in namespace {grant.namespace}" if grant.namespace else "in every namespace"


def _advice(workload: Workload, names: str, plan: Plan) -> str:
    account = workload.service_account
    to = f"user:{workload.creator.user}" if account is None else f"serviceaccount:{account}"
    policy, namespace = _plain(next(iter(plan.policies), "POLICY")), _plain(workload.namespace)
    return (
        f"{workload} ({workload.circumstances}, created by {workload.creator.user})\n"
        f"    may use none of: {names or 'no policy at all'}\n"
        f'    grant one:  - {{policy: {policy}, namespace: {namespace}, to: ["{to}"]}}'
    )


def _plain(name: str) -> str:
    """A name as YAML reads it back: what YAML takes for a number or a truth value needs quotes."""
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def _listed(heading: str, faults: list[str]) -> str:
    lines = "".join(f"\n  {fault}" for fault in faults[:_SHOWN])
    rest = len(faults) - _SHOWN
    return f"{heading}{lines}" + (f"\n  ... and {rest} more" if rest > 0 else "")

"""Proof that what a baseline declares is on the server and counts there: every policy, every grant."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from pulumi_pod_security.cluster.access import Access, asked_as
from pulumi_pod_security.cluster.plan import Plan, binding_reference, path_of, policy_reference
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused, listed
from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.model import PodSecurityPolicy, PodSecurityPolicySpec
from pulumi_pod_security.policy.stored import as_stored, from_server

__all__ = ["differences", "require_in_force"]

# A preview cannot tell what the refresh will have changed back by the time of the update, and would be refused.
_MEND = "pulumi up --refresh --skip-preview"


def require_in_force(cluster: Cluster, plan: Plan) -> None:
    """Refuse unless every declared policy and grant is in force, but for what this update is about to make.

    Raises:
        PreflightRefused: with every fault found.
        ClusterError: no server answers, or a question was refused.
    """
    _soon(lambda: _require_in_force(cluster, plan))


# An API server's authorizer learns of a new binding a moment after it was created.
_soon = Retrying(
    stop=stop_after_delay(5), wait=wait_fixed(0.5), retry=retry_if_exception_type(PreflightRefused), reraise=True
)


def _require_in_force(cluster: Cluster, plan: Plan) -> None:
    cluster.may_use.cache_clear()
    faults = [*_absent_policies(cluster, plan), *_idle_grants(cluster, plan), *_replaced(cluster, plan)]
    if faults:
        raise PreflightRefused(
            listed("what the baseline declares is not in force; enforcement was not touched", faults)
        )


def _absent_policies(cluster: Cluster, plan: Plan) -> Iterator[str]:
    if plan.enforcement != PSP:
        return
    live = cluster.policies()
    for name, policy in plan.policies.items():
        if policy_reference(name) in plan.created:
            yield from _foreign_policy(policy, live.get(name))
        elif policy_reference(name) in plan.pending:
            continue
        elif name not in live:
            yield (
                f"policy {name} is not on the server at {cluster.api.where}: someone deleted it; put it back with: "
                f"{_MEND}; or this kubeconfig leads to another cluster than the kubernetes provider's"
            )
        elif differing := differences(policy, live[name]):
            yield (
                f"policy {name} on the server differs from the declared one in {', '.join(differing)}: "
                f"someone changed it; put it back with: {_MEND}"
            )


def _replaced(cluster: Cluster, plan: Plan) -> Iterator[str]:
    """What was deleted by hand may be made anew; what is there must not be deleted under those who use it."""
    for reference in sorted(plan.replaced):
        if cluster.api.find(path_of(reference), dict[str, Any]) is not None:
            yield (
                f"{reference} would be deleted and made anew while it is in use: its resource got another name or "
                "parent, or a field that cannot be updated changed; keep those, or tell Pulumi what the resource was "
                "called: pulumi.ResourceOptions(aliases=[pulumi.Alias(name=OLD)])"
            )


def _foreign_policy(policy: PodSecurityPolicy, live: Mapping[str, Any] | None) -> Iterator[str]:
    """An equal policy is what a killed run left behind, or may be taken over; another one is somebody else's."""
    if live is not None and (differing := differences(policy, live)):
        yield (
            f"policy {policy.name} is on the server already, is not this stack's, and differs from the declared one in "
            f"{', '.join(differing)}: give the declared one another name, or declare it as it is there: "
            f"kubectl get psp {policy.name} -o yaml"
        )


def differences(declared: PodSecurityPolicy, live: Mapping[str, Any]) -> list[str]:
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
    access = Access(cluster, plan.leaving)
    for grant in plan.grants:
        if plan.awaits(grant):
            continue
        for subject in grant.subjects:
            if not access.may_use(asked_as(subject), grant.policy, grant.namespace or ""):
                yield (
                    f"{subject} may not use policy {grant.policy} {_where(grant)}: its "
                    f"{binding_reference(grant)} or the role behind it is gone or changed; put it back with: {_MEND}"
                )


def _where(grant: Grant) -> str:
    return f"in namespace {grant.namespace}" if grant.namespace else "in every namespace"

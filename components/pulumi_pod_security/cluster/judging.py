"""What becomes of the workloads of a cluster once an update of a baseline is done, whatever holds pods to its policies.

The server is asked who may use which policy; what the policies then do to a pod is worked out here, for they may not
be there yet. Left out: policies of others that this package cannot read; what they alone admit counts as refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from pulumi_pod_security.admission.defaulting import ServiceAccount
from pulumi_pod_security.admission.evaluate import Evaluator
from pulumi_pod_security.admission.manifests import Meta
from pulumi_pod_security.admission.newer import as_read_by_newer
from pulumi_pod_security.admission.request import Verdict
from pulumi_pod_security.admission.workloads import Workload
from pulumi_pod_security.cluster.access import Access
from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import from_server

__all__ = ["Judge"]


class Judge:
    """The policies and the grants as they will be, and the plugin's way of choosing among them.

    Attributes:
        names: of the policies there will be.
    """

    def __init__(self, cluster: Cluster, plan: Plan) -> None:
        self._access = Access(cluster, plan.leaving)
        self._plan = plan
        # Nothing else but the plugin lets in what others' policies admit.
        live = cluster.policies() if plan.enforcement == PSP else {}
        self.names = sorted((live.keys() - plan.gone) | plan.policies.keys())
        accounts, declared = _accounts(cluster), tuple(plan.policies.values())
        how: dict[str, Any] = {"accounts": accounts, "operation": "CREATE" if plan.mutates else "UPDATE"}
        if plan.enforcement != PSP:
            how["read"] = as_read_by_newer
        self._declared = Evaluator(declared, self, **how)
        self._all = Evaluator((*declared, *_others(live, plan)), self, **how)

    def verdict(self, workload: Workload) -> Verdict:
        """What will become of the pods of `workload`; raises ClusterError when the server cannot be asked.

        A further policy never refuses what the declared ones admit, so who may use it is asked only when they do not.
        """
        near = self._declared.judge(workload)
        return near if near.admitted else self._all.judge(workload)

    def may_use(self, identity: Identity, policy: str, namespace: str) -> bool:
        """What this update is about to grant counts already; what only what goes with it gives counts no more."""
        plan = self._plan
        if _given(filter(plan.awaits, plan.grants), identity, policy, namespace):
            return True
        given = _given(plan.grants, identity, policy, namespace)
        if not given and _given(plan.withdrawn, identity, policy, namespace):
            return False
        return self._access.may_use(identity, policy, namespace)


class _Account(msgspec.Struct, rename="camel"):
    metadata: Meta
    automount_service_account_token: bool | None = None


def _accounts(cluster: Cluster) -> dict[tuple[str, str], ServiceAccount]:
    return {
        (account.metadata.namespace or "", account.metadata.name or ""): ServiceAccount(
            automount_service_account_token=account.automount_service_account_token
        )
        for account in cluster.api.items("/api/v1/serviceaccounts", _Account)
    }


def _others(live: Mapping[str, Mapping[str, Any]], plan: Plan) -> Iterator[PodSecurityPolicy]:
    for name in live.keys() - plan.policies.keys() - plan.gone:
        with suppress(InvalidPolicy):
            yield from_server(live[name])


def _given(grants: Iterable[Grant], identity: Identity, policy: str, namespace: str) -> bool:
    return any(grant.policy == policy and grant.covers(identity, namespace) for grant in grants)

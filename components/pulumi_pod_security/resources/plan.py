"""The plan in the inputs of a resource that proves a baseline: what this update makes, changes and takes away.

A policy, role or binding whose resource has no id yet, or that was declared otherwise at the last update, is about to
be created or changed by this very one, so its absence is no fault; after that, absence means that someone removed it
behind Pulumi's back.
"""

from collections.abc import Mapping
from typing import Any

from pulumi_pod_security.cluster.plan import Plan, binding_reference, policy_reference
from pulumi_pod_security.resources.dynamic import enforced_by, grants_of, is_known, policies_of

__all__ = ["plan_of"]


def plan_of(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Plan:
    """The plan in a Preflight's inputs; `olds` are the inputs of the last update that went through."""
    policies, grants = policies_of(news), grants_of(news)
    before, granted = policies_of(olds) or policies, grants_of(olds)
    created = frozenset(reference for reference, id_ in news["ids"].items() if not is_known(id_))
    present = frozenset(reference for reference, id_ in (olds.get("ids") or {}).items() if is_known(id_))
    changed = (policy_reference(policy.name) for policy in policies if policy not in before)
    regranted = (binding_reference(grant) for grant in grants if grant not in (granted or grants))
    return Plan(
        policies={policy.name: policy for policy in policies},
        grants=grants,
        pending=created.union(changed, regranted),
        created=created,
        replaced=created & present,
        withdrawn=tuple(grant for grant in granted if grant not in grants),
        removed=frozenset({policy.name for policy in before} - {policy.name for policy in policies}),
        leaving=frozenset(news.get("leaving") or ()),
        enforcement=enforced_by(news),
        mutates=bool(news.get("mutates", True)),
        exemptions=frozenset(news.get("exemptions") or ()),
    )

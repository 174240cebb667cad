"""Plans for preflight, and worlds that have what a plan declares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.preflight import preflight
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated, nodes
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.support.telling import told
from tests.unit.support.world import TOKEN, World

__all__ = ["TO_ALL", "TO_NODES", "in_force", "planned", "refusal"]

TO_ALL = Grant(policy="default", subjects=[authenticated()])
TO_NODES = Grant(policy="privileged", subjects=[nodes()], namespace="kube-system")


def planned(*grants: Grant, policies: Iterable[PodSecurityPolicy] = (), **more: Any) -> Plan:
    """A plan of these grants, with the two policies of every baseline unless told otherwise."""
    declared = tuple(policies) or (presets.privileged(), presets.default())
    return Plan(policies={policy.name: policy for policy in declared}, grants=grants, **more)


def in_force(world: World, plan: Plan) -> None:
    """Make the world have what the plan declares."""
    world.put(*plan.policies.values())
    for grant in plan.grants:
        for subject in grant.subjects:
            account = subject.kind == "ServiceAccount"
            name = f"system:serviceaccount:{subject.namespace}:{subject.name}" if account else subject.name
            world.uses.add((name, grant.policy, grant.namespace))


def refusal(world: World, plan: Plan) -> str:
    """The words with which preflight refuses."""
    with pytest.raises(PreflightRefused) as refused:
        preflight(world.cluster(), plan)
    assert TOKEN not in told(refused.value)
    return str(refused.value)

"""Kinds of custom resources, found on the server."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.discovery import resources_of
from pulumi_pod_security.cluster.listing import Resource
from pulumi_pod_security.errors import InvalidInput
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import kubeconfig

GROUP = {
    "preferredVersion": {"groupVersion": "argoproj.io/v1"},
    "versions": [{"groupVersion": "argoproj.io/v1alpha1"}, {"groupVersion": "argoproj.io/v1"}],
}
ANSWERS: dict[str, Any] = {
    "/apis/argoproj.io": GROUP,
    "/apis/argoproj.io/v1": {
        "resources": [{"name": "rollouts/status", "kind": "Rollout"}, {"name": "rollouts", "kind": "Rollout"}]
    },
    "/apis/argoproj.io/v1alpha1": {
        "resources": [{"name": "rollouts", "kind": "Rollout"}, {"name": "workflows", "kind": "Workflow"}]
    },
}


def found(*kinds: str) -> tuple[Resource, ...]:
    """What a server with these groups says."""

    def answer(call: Call) -> Reply:
        if call.path == "/apis/busy.io":
            return Reply(code=500, body={"message": "away"})
        return Reply(body=ANSWERS[call.path]) if call.path in ANSWERS else Reply(code=404, body={"message": "none"})

    with serving(answer) as address:
        return resources_of(Connection(kubeconfig=kubeconfig(address)).open(), kinds)


def test_the_preferred_version_that_has_the_kind() -> None:
    """Another one where the preferred one has it not."""
    assert [resource.path for resource in found("argoproj.io/Rollout", "argoproj.io/Workflow")] == [
        "/apis/argoproj.io/v1/rollouts",
        "/apis/argoproj.io/v1alpha1/workflows",
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "argoproj.io/Rolout",
            "a kind of argoproj.io that the server has: one of 'Rollout', 'Workflow'; did you mean 'Rollout'?",
        ),
        ("none.io/Rollout", "a kind of none.io that the server has"),
        ("../../api/Pod", "a kind of ../../api that the server has"),
    ],
)
def test_a_kind_the_server_does_not_know_is_refused(kind: str, said: str) -> None:
    """With those it knows."""
    with pytest.raises(InvalidInput) as refusal:
        found(kind)
    (fault,) = refusal.value.faults
    assert (fault.path, fault.value, fault.allowed) == ("--template", kind, said)


def test_a_server_that_does_not_answer_is_not_taken_for_one_without_the_kind() -> None:
    """It may well have it."""
    with pytest.raises(Refused, match="away"):
        found("busy.io/Rollout")

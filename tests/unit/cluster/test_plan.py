"""How a plan refers to objects, and what of it cannot be updated in place."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cluster.plan import (
    Plan,
    binding_reference,
    collection_of,
    path_of,
    policy_reference,
    rebound,
    role_reference,
)
from pulumi_pod_security.policy.grants import Grant, group
from tests.unit.support.plans import TO_ALL, TO_NODES, planned


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        (policy_reference("default"), "/apis/policy/v1beta1/podsecuritypolicies/default"),
        (role_reference(TO_ALL), "/apis/rbac.authorization.k8s.io/v1/clusterroles/default-psp"),
        (binding_reference(TO_ALL), "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/default-psp"),
        (
            binding_reference(TO_NODES),
            "/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system/rolebindings/privileged-psp-nodes",
        ),
        ("ClusterRole/psp:a b?c", "/apis/rbac.authorization.k8s.io/v1/clusterroles/psp%3Aa%20b%3Fc"),
    ],
)
def test_a_reference_leads_to_the_object(reference: str, path: str) -> None:
    """What a plan calls an object is enough to ask the server for it."""
    assert path_of(reference) == path


@pytest.mark.parametrize(
    "pending",
    [policy_reference("default"), role_reference(TO_ALL), binding_reference(TO_ALL)],
)
def test_a_grant_waits_for_each_of_its_objects(pending: str) -> None:
    """A grant counts from this update on when its policy, its role or its binding does."""
    plan = planned(TO_ALL, TO_NODES, pending=frozenset({pending}))
    assert (plan.awaits(TO_ALL), plan.awaits(TO_NODES)) == (True, False)


def test_a_binding_that_changes_its_role_is_rebound() -> None:
    """The name of a binding comes from policy and subject, so another role alone keeps it."""
    other = Grant(policy="default", subjects=TO_ALL.subjects, role="other")
    assert rebound([TO_ALL, TO_NODES], [other, TO_NODES]) == [other]


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(TO_ALL, id="unchanged"),
        pytest.param(Grant(policy="default", subjects=[group("team")], role="other"), id="another-subject"),
        pytest.param(
            Grant(policy="default", subjects=TO_ALL.subjects, role="other", binding="other"), id="another-binding"
        ),
        pytest.param(
            Grant(policy="default", subjects=TO_ALL.subjects, role="other", namespace="shop"), id="another-namespace"
        ),
    ],
)
def test_a_binding_of_another_name_is_a_new_one(after: Grant) -> None:
    """Both stand side by side until the old one goes."""
    assert rebound([TO_ALL], [after]) == []


def test_policies_that_are_gone_afterwards() -> None:
    """Those that the baseline stops declaring, and those that leave; a role of that name is no policy."""
    leaving = frozenset({"PodSecurityPolicy/eks.privileged", "ClusterRole/eks:podsecuritypolicy:privileged"})
    plan = Plan(policies={}, grants=(), removed=frozenset({"old"}), leaving=leaving)
    assert plan.gone == {"old", "eks.privileged"}


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("ClusterRole/a:b", "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
        ("RoleBinding/shop/a", "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings"),
    ],
)
def test_where_new_objects_of_a_kind_go(reference: str, path: str) -> None:
    """Without the name."""
    assert collection_of(reference) == path

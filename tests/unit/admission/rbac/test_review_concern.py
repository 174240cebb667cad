"""Which pitfalls concern a policy, or somebody."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.admission.rbac import pitfalls
from pulumi_pod_security.admission.rbac.review.concern import concerning, of_policy, of_somebody
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.identity import Identity
from tests.unit.support.rbac import account, aggregated, binding, group, rbac, role, rule, user

_POLICIES = [presets.privileged(), presets.default()]
_OBJECTS: tuple[Any, ...] = (
    role("typo", rule("privilegd")),
    role("near", rule("default", verbs=["Use"])),
    role("any", rule(verbs=["USE"])),
    binding("ghost", "psp-privileged", user("jane")),
    binding("typo", "typo", account("cart", "shop")),
    binding("near", "near", group("devs")),
    binding("lost", "lost", group("devs")),
    binding("gone", "gone", account("till", "shop")),
    binding("here", "gone", account("till"), namespace="shop"),
)
_JANE = Identity(user="jane", groups=frozenset({"system:authenticated"}))
_TILL = Identity.authenticated_service_account("shop", "till")
_CART = Identity.authenticated_service_account("shop", "cart")


@pytest.mark.parametrize(
    ("policy", "places"),
    [
        ("privileged", ["ClusterRole any", "ClusterRole typo", "ClusterRoleBinding ghost"]),
        ("default", ["ClusterRole any", "ClusterRole near"]),
    ],
)
def test_of_a_policy(policy: str, places: list[str]) -> None:
    """What gives it, or was plainly meant to."""
    found = rbac(*_OBJECTS)
    told = concerning(pitfalls(found, _POLICIES), of_policy(found, policy, found.who_can(policy)))
    assert sorted({pitfall.where.partition(": ")[0] for pitfall in told}) == places


@pytest.mark.parametrize(
    ("identity", "places"),
    [
        (_JANE, ["ClusterRoleBinding ghost"]),
        (_CART, ["ClusterRole typo"]),
        (_TILL, ["ClusterRoleBinding gone", "RoleBinding shop/here"]),
        (Identity(user="", groups=frozenset({"devs"})), ["ClusterRole near", "ClusterRoleBinding lost"]),
        (Identity(user="nobody"), []),
    ],
)
def test_of_somebody(identity: Identity, places: list[str]) -> None:
    """The bindings that name them, and the roles behind these."""
    found = rbac(*_OBJECTS)
    told = concerning(pitfalls(found, _POLICIES), of_somebody(found, identity, found.can(identity)))
    assert sorted({pitfall.where.partition(": ")[0] for pitfall in told}) == places


def test_what_gives_a_policy_concerns_it() -> None:
    """A rule about everything as well, and the role from which another one has it."""
    found = rbac(
        role("part", rule(resources=["*"]), labels={"sum": "yes"}),
        aggregated("sum", {"matchLabels": {"sum": "yes"}}),
        binding("all", "sum", user("jane")),
    )
    named = {"ClusterRole part", "ClusterRole sum", "ClusterRoleBinding all", "PodSecurityPolicy default"}
    assert of_policy(found, "default", found.who_can("default")) == named
    assert named - {"PodSecurityPolicy default"} < of_somebody(found, _JANE, found.can(_JANE))

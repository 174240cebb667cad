"""What is taken over of policies and RBAC, and what is left."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.admission.migration import Taken, take_over
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated, group, service_account, user
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.support.granting import grant
from tests.unit.support.rbac import account, aggregated, binding, rbac, role
from tests.unit.support.rbac import group as group_of
from tests.unit.support.rbac import user as user_of

JANE = user_of("jane")
CART = account("cart", "shop")
POLICIES = (presets.default(), presets.privileged())
USE = {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}
VERBS = ["create", "delete", "get", "list", "patch", "update"]


def taken(*manifests: dict[str, Any], policies: tuple[PodSecurityPolicy, ...] = POLICIES) -> Taken:
    """What is taken over of these RBAC objects."""
    return take_over(policies, rbac(*manifests))


def test_a_plain_binding_is_a_grant_by_its_own_names() -> None:
    """The objects of today are those that the grant becomes."""
    found = taken(*grant("privileged", JANE, CART, namespace="shop"))
    subjects = [user("jane"), service_account("cart", "shop")]
    assert found.grants == (
        Grant(policy="privileged", namespace="shop", role="privileged", binding="privileged", subjects=subjects),
    )
    assert found.left == ()
    assert found.policies == POLICIES


def test_names_that_are_the_usual_ones_are_not_written() -> None:
    """Nobody has to read them."""
    made = (
        role("default-psp", {**USE, "resourceNames": ["default"]}),
        binding("default-psp", "default-psp", group_of("system:authenticated")),
    )
    assert taken(*made).grants == (Grant(policy="default", subjects=[authenticated()]),)


def test_a_role_of_several_policies_becomes_several_grants() -> None:
    """By names of their own, none of them one that is there already."""
    found = taken(
        role("both", {**USE, "resourceNames": ["default", "privileged"]}),
        role("default-psp", {**USE, "verbs": ["get"]}),
        binding("both", "both", JANE),
        binding("default-psp:2-jane", "both"),
    )
    assert [(one.policy, one.role_name, one.binding_name) for one in found.grants] == [
        ("default", "default-psp:2", "default-psp-jane"),
        ("privileged", "privileged-psp", "privileged-psp-jane"),
    ]


def test_a_name_of_a_binding_that_is_there_is_not_taken() -> None:
    """Its role could not be changed."""
    found = taken(
        role("both", {**USE, "resourceNames": ["default", "privileged"]}),
        binding("privileged-psp-jane", "both", JANE),
    )
    assert {one.binding_name for one in found.grants} == {"default-psp-jane", "privileged-psp-jane:2"}


def test_a_role_of_a_namespace_is_a_grant_there() -> None:
    """The same right; the role becomes one of the cluster."""
    found = taken(
        role("one", {**USE, "resourceNames": ["default"]}, namespace="shop"),
        binding("one", "one", JANE, namespace="shop", kind="Role"),
    )
    assert found.grants == (Grant(policy="default", namespace="shop", subjects=[user("jane")]),)


def test_what_two_bindings_give_alike_is_one_grant() -> None:
    """A baseline takes each grant once; it is said."""
    found = taken(
        role("one", {**USE, "resourceNames": ["default"]}),
        binding("first", "one", JANE),
        binding("second", "one", JANE),
    )
    assert [one.binding_name for one in found.grants] == ["first"]
    assert found.notes == (
        "ClusterRoleBinding second gives what ClusterRoleBinding first gives: one grant stands for both",
    )


def test_grants_that_would_have_one_name_get_two() -> None:
    """Their first subjects are the same, and the others are not."""
    found = taken(
        role("both", {**USE, "resourceNames": ["default", "privileged"]}),
        binding("one", "both", JANE),
        binding("two", "both", JANE, CART),
    )
    assert [one.binding_name for one in found.grants if one.policy == "default"] == [
        "default-psp-jane",
        "default-psp-jane:2",
    ]


NOT_KEPT = {
    "more": {**USE, "verbs": ["get", "use"], "resourceNames": ["default"]},
    "any group": {**USE, "apiGroups": ["*"], "resourceNames": ["default"]},
    "other resources": {**USE, "resources": ["pods", "podsecuritypolicies"], "resourceNames": ["default"]},
}


@pytest.mark.parametrize("given", NOT_KEPT.values(), ids=NOT_KEPT)
def test_a_role_that_says_more_keeps_its_name_for_itself(given: dict[str, Any]) -> None:
    """A role that is applied loses what is not in it."""
    found = taken(role("one", given), binding("one", "one", JANE))
    assert [(one.role, one.binding) for one in found.grants] == [(None, None)]
    assert found.left == ()


def test_the_name_of_the_admins_role_is_not_kept() -> None:
    """A baseline with admins has a role of this name."""
    found = taken(role("psp-admin", {**USE, "resourceNames": ["default"]}), binding("one", "psp-admin", JANE))
    assert [one.role_name for one in found.grants] == ["default-psp"]


LEFT = {
    "every policy": (USE, JANE, "its rule names no policies, so that it is for every one, now and later"),
    "verbs": ({**USE, "verbs": ["*"], "resourceNames": ["default"]}, JANE, "its rule says '*' in verbs"),
    "resources": ({**USE, "resources": ["*"], "resourceNames": ["default"]}, JANE, "its rule says '*' in resources"),
    "both": (
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        JANE,
        "its rule says '*' in verbs and resources",
    ),
    "unknown": ({**USE, "resourceNames": ["gone"]}, JANE, "there is no policy 'gone' to be granted"),
    "subject": (
        {**USE, "resourceNames": ["default"]},
        user_of("*"),
        "subjects[0].name: '*'; allowed: a user's name; authenticated() is everyone",
    ),
}


@pytest.mark.parametrize(("rule", "subject", "why"), LEFT.values(), ids=LEFT)
def test_what_no_grant_says_is_told(rule: dict[str, Any], subject: dict[str, Any], why: str) -> None:
    """With the role and the binding, and there is no grant in its place."""
    found = taken(role("odd", rule), binding("odd", "odd", subject))
    assert found.grants == ()
    assert [one.why for one in found.left] == [why]
    assert "ClusterRoleBinding odd gives ClusterRole odd, by rules[0]" in found.left[0].what
    assert str(found.left[0]).endswith(f": {why}")


def test_an_aggregated_role_is_told() -> None:
    """Its rules come and go with labels that others set."""
    found = taken(
        role("part", {**USE, "resourceNames": ["default"]}, labels={"into": "whole"}),
        aggregated("whole", {"matchLabels": {"into": "whole"}}),
        binding("whole", "whole", JANE),
        binding("part", "part", CART),
    )
    assert [one.why for one in found.left] == ["its rules are those of the roles that it aggregates"]
    assert [one.subjects for one in found.grants] == [(service_account("cart", "shop"),)]


def test_a_binding_that_is_said_in_part_loses_its_name() -> None:
    """Else the grant would take the rest away."""
    odd = user_of("*")
    found = taken(role("one", {**USE, "resourceNames": ["default"]}), binding("one", "one", JANE, odd))
    assert [(one.subjects, one.binding, one.role) for one in found.grants] == [((user("jane"),), None, None)]
    assert len(found.left) == 1


def test_a_right_is_told_once_for_all_rules_that_give_it() -> None:
    """Two API groups are one right."""
    both = [{**USE, "apiGroups": [name]} for name in ("policy", "extensions")]
    assert len(taken(role("odd", *both), binding("odd", "odd", JANE)).left) == 1


def test_a_policy_that_no_pod_gets_is_left_with_its_grants() -> None:
    """A baseline would refuse it."""
    manifest = presets.default().to_manifest()
    manifest["spec"]["runAsUser"] = {"rule": "MustRunAs"}
    broken = PodSecurityPolicy.from_manifest(manifest)
    found = taken(*grant("default", JANE), policies=(broken,))
    assert (found.policies, found.grants) == ((), ())
    assert found.left[0].what == "PodSecurityPolicy default"
    assert found.left[0].why.startswith("no pod ever gets it: spec.runAsUser.ranges: missing")
    assert found.left[1].why == "there is no policy 'default' to be granted"


def test_what_kubectl_wrote_beside_a_policy_is_left_out() -> None:
    """It is the policy once more; it is said."""
    manifest = presets.default().to_manifest()
    manifest["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"] = "{}"
    found = taken(policies=(PodSecurityPolicy.from_manifest(manifest),))
    assert found.policies == (presets.default(),)
    assert found.notes == (
        "without kubectl's own annotation kubectl.kubernetes.io/last-applied-configuration: default",
    )


def test_who_manages_all_policies_is_an_admin() -> None:
    """By every verb, or by '*', which gives the use of all of them besides."""
    found = taken(
        role("psp-admin", {**USE, "verbs": VERBS}),
        role("more", {**USE, "verbs": ["*"]}),
        binding("one", "psp-admin", JANE),
        binding("two", "more", group_of("ops")),
    )
    assert found.admins == (user("jane"), group("ops"))
    assert [one.why for one in found.left] == ["its rule says '*' in verbs"]


def test_who_may_only_change_policies_is_told() -> None:
    """An admin may do more."""
    found = taken(
        role("some", {**USE, "verbs": ["create", "get"]}, {**USE, "verbs": VERBS, "resourceNames": ["default"]}),
        binding("some", "some", JANE),
        binding("here", "some", CART, namespace="shop"),
    )
    assert found.admins == ()
    assert list(map(str, found.left)) == [
        "user jane may change policies: ClusterRoleBinding some gives ClusterRole some: "
        "no admin of a baseline: may not delete, list, patch, update"
    ]

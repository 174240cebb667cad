"""The names of roles and bindings."""

from __future__ import annotations

import pytest

from pulumi_pod_security.policy.grants import (
    Grant,
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.policy.naming import admin_binding_name

_CASES = [
    ("default", authenticated(), "default-psp", "default-psp"),
    ("privileged", nodes(), "privileged-psp", "privileged-psp-nodes"),
    ("privileged", authenticated(), "privileged-psp", "psp:any:privileged"),
    ("example", service_account("app", "app-test"), "psp:example", "psp:example:app:app-test"),
    ("restricted", authenticated(), "psp:restricted", "psp:any:restricted"),
    ("restricted", user("jeff"), "psp:restricted", "psp:restricted:jeff"),
    ("restricted", user("any"), "psp:restricted", "psp:restricted:any"),
    ("restricted", group("devs"), "psp:restricted", "psp:restricted:group:devs"),
    ("restricted", group("team/100%"), "psp:restricted", "psp:restricted:group:team-100-"),
    ("restricted", service_accounts("shop"), "psp:restricted", "psp:restricted:serviceaccounts:shop"),
    ("restricted", service_accounts(), "psp:restricted", "psp:restricted:serviceaccounts"),
    ("default", user("jeff"), "default-psp", "default-psp-jeff"),
]


@pytest.mark.parametrize(("policy", "subject", "role", "binding"), _CASES, ids=[case[-1] for case in _CASES])
def test_names_when_none_is_given(policy: str, subject: Subject, role: str, binding: str) -> None:
    """A role is named after its policy, a binding after its policy and its first subject."""
    grant = Grant(policy=policy, subjects=[subject, user("another")])
    assert (grant.role_name, grant.binding_name) == (role, binding)


def test_names_in_a_namespace() -> None:
    """A binding has the same name in every namespace."""
    grant = Grant(policy="restricted", namespace="shop", subjects=[service_accounts()])
    assert grant.binding_name == "psp:restricted:serviceaccounts:shop"


def test_names_that_are_given() -> None:
    """A name that is given is taken, and a role's does not change its binding's."""
    grant = Grant(policy="default", subjects=[authenticated()], role="psp-default")
    assert (grant.role_name, grant.binding_name) == ("psp-default", "default-psp")
    assert Grant(policy="default", subjects=[authenticated()], binding="everyone").binding_name == "everyone"


def test_names_of_those_who_manage_policies() -> None:
    """Each of them has a binding that is called after them."""
    assert [admin_binding_name(subject) for subject in (user("jeff"), group("sec"), service_account("ci", "ops"))] == [
        "psp-admin:jeff",
        "psp-admin:group:sec",
        "psp-admin:ci:ops",
    ]

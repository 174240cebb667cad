"""Whom a policy is granted to, and whom it cannot be."""

from __future__ import annotations

import pytest

from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.subjects import Subject, group, service_account, service_accounts, subject_faults, user
from tests.fixtures.policy_words import NAMESPACE


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        pytest.param(
            user(" "), "name: ' '; allowed: the user's name, as the cluster's authenticator gives it", id="user"
        ),
        pytest.param(
            group(""), "name: ''; allowed: the group's name, as the cluster's authenticator gives it", id="group"
        ),
        pytest.param(
            group("devs", namespace="shop"),
            "namespace: 'shop'; allowed: no namespace on a group; to grant in one namespace only, put it on the grant: "
            "Grant(..., namespace='shop')",
            id="a namespace on a group",
        ),
        pytest.param(
            Subject(kind="User", name="jeff", namespace="default"),
            "namespace: 'default'; allowed: no namespace on a user; to grant in one namespace only, put it on the "
            "grant: Grant(..., namespace='default')",
            id="a namespace on a user",
        ),
        pytest.param(
            service_account("cart"),
            "namespace: None; allowed: the account's namespace, service_account('cart', 'NAMESPACE') or "
            "'serviceaccount:NAMESPACE/cart': a cluster-wide grant has none to lend",
            id="an account of no namespace",
        ),
        pytest.param(
            service_account("cart", "A"), f"namespace: 'A'; allowed: {NAMESPACE}", id="a namespace in upper case"
        ),
        pytest.param(
            service_account("shop:cart", "shop"),
            "name: 'shop:cart'; allowed: at most 253 of a-z, 0-9, '-' and '.', each part between dots beginning and "
            "ending with a letter or digit",
            id="an account with a colon",
        ),
        pytest.param(
            user("system:serviceaccount:cart"),
            "name: 'system:serviceaccount:cart'; allowed: a service account as service_account('NAME', 'NAMESPACE')",
            id="half an account's user name",
        ),
        pytest.param(
            user("system:nodes"),
            "name: 'system:nodes'; allowed: a user; this is the name of a group: nodes()",
            id="a group for a user",
        ),
        pytest.param(user("*"), "name: '*'; allowed: a user's name; authenticated() is everyone", id="every user"),
        pytest.param(
            group("system:authenticated:kube-system"),
            "name: 'system:authenticated:kube-system'; allowed: authenticated() in a grant with "
            "namespace='kube-system'; groups of one namespace's authenticated users are known to Mirantis Kubernetes "
            "Engine alone",
            id="a group of Mirantis Kubernetes Engine",
        ),
        pytest.param(
            group("system:serviceaccounts:a:b"),
            f"name: 'system:serviceaccounts:a:b'; allowed: service_accounts('NAMESPACE'), its namespace {NAMESPACE}",
            id="a group of no namespace's accounts",
        ),
        pytest.param(
            group("system:serviceaccount:shop:cart"),
            "name: 'system:serviceaccount:shop:cart'; allowed: a group; this is the name of one account: "
            "service_account('NAME', 'NAMESPACE')",
            id="an account for a group",
        ),
        pytest.param(
            group("system:node:worker-1"),
            "name: 'system:node:worker-1'; allowed: a group; this is the name of one node: "
            "user('system:node:worker-1')",
            id="a node for a group",
        ),
        pytest.param(
            service_accounts("Shop"),
            f"name: 'system:serviceaccounts:Shop'; allowed: service_accounts('NAMESPACE'), its namespace {NAMESPACE}",
            id="accounts of a namespace in upper case",
        ),
    ],
)
def test_a_subject_that_will_not_do(subject: Subject, fault: str) -> None:
    """A subject that names nobody is refused, with what to write instead."""
    assert [str(found) for found in subject_faults(subject, "admins[1]", None)] == [f"admins[1].{fault}"]


@pytest.mark.parametrize(
    "name", ["oidc:https://id.example.com#jane", "team/devs", "system:masters", "100% us", "jane@x.y"]
)
def test_names_of_authenticators(name: str) -> None:
    """Groups have whatever names the cluster's authenticator gives them."""
    assert not any(subject_faults(group(name), "", None))


def test_subjects_take_the_namespace_of_the_grant() -> None:
    """A grant holds RBAC's own subjects, whichever way they were named."""
    grant = Grant(policy="default", namespace="shop", subjects=[service_account("cart"), service_accounts()])
    assert grant.subjects == (service_account("cart", "shop"), group("system:serviceaccounts:shop"))

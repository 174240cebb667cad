"""Grants: what they cover, and what is refused in them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pulumi_pod_security.errors import InvalidGrant
from pulumi_pod_security.policy.grants import (
    Grant,
    Identity,
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)
from tests.fixtures.policy_words import NAMESPACE

_CART = Identity.service_account("shop", "cart")
_CART_LOGGED_IN = Identity.authenticated_service_account("shop", "cart")
_JANE = Identity(user="jane", groups=frozenset({"system:authenticated", "devs"}))


def _faults(**fields: Any) -> list[str]:
    with pytest.raises(InvalidGrant) as refusal:
        Grant(**{"policy": "default", "subjects": [nodes()], **fields})
    return [str(fault) for fault in refusal.value.faults]


@pytest.mark.parametrize(
    ("subject", "namespace", "identity", "covered"),
    [
        pytest.param(service_account("cart"), "shop", _CART, True, id="an account of the grant's namespace"),
        pytest.param(service_account("cart"), "other", _CART, False, id="an account of the name elsewhere"),
        pytest.param(service_account("cart", "shop"), None, _CART, True, id="an account"),
        pytest.param(service_account("cart", "shop"), "shop", _CART_LOGGED_IN, True, id="an account that logged in"),
        pytest.param(service_accounts(), "shop", _CART, True, id="the accounts of the grant's namespace"),
        pytest.param(service_accounts("other"), "shop", _CART, False, id="the accounts of another namespace"),
        pytest.param(service_accounts(), None, _CART, True, id="the accounts of every namespace"),
        pytest.param(authenticated(), None, _CART, False, id="everyone, and an account the plugin made up"),
        pytest.param(authenticated(), None, _CART_LOGGED_IN, True, id="everyone, and an account that logged in"),
        pytest.param(user("jane"), "shop", _JANE, True, id="a user"),
        pytest.param(user("jane"), "shop", _CART, False, id="another user"),
        pytest.param(user("system:serviceaccount:shop:cart"), None, _CART, True, id="an account by its user name"),
        pytest.param(group("devs"), "shop", _JANE, True, id="a group"),
        pytest.param(group("jane"), "shop", _JANE, False, id="a group that is called like the user"),
        pytest.param(nodes(), None, _JANE, False, id="the nodes"),
    ],
)
def test_covers(subject: Subject, namespace: str | None, identity: Identity, *, covered: bool) -> None:
    """A grant covers whom RBAC takes for one of its subjects, for a pod in the grant's namespace."""
    grant = Grant(policy="default", namespace=namespace, subjects=[user("nobody"), subject])
    assert grant.covers(identity, "shop" if namespace is None else namespace) is covered


def test_a_grant_covers_pods_of_its_namespace_only() -> None:
    """An account may use a policy where it is granted, not where the account lives."""
    grant = Grant(policy="default", namespace="jobs", subjects=[service_account("cart", "shop")])
    assert grant.covers(_CART, "jobs")
    assert not grant.covers(_CART, "shop")


def test_grants_are_values() -> None:
    """Grants with the same contents are the same, and one can be changed into another."""
    grant = Grant(policy="default", namespace="shop", subjects=[service_account("cart")])
    assert {grant, Grant(policy="default", namespace="shop", subjects=(service_account("cart", "shop"),))} == {grant}
    assert dataclasses.replace(grant, policy="restricted").policy == "restricted"


_RBAC = "1 to 1024 characters without '/' and '%', and not '.' or '..'"


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        pytest.param(
            {"policy": ""},
            "policy: ''; allowed: a policy's name: at most 253 of a-z, 0-9, '-' and '.', each part between dots "
            "beginning and ending with a letter or digit",
            id="no policy",
        ),
        pytest.param(
            {"namespace": ""},
            f"namespace: ''; allowed: a namespace: {NAMESPACE}; or None for every namespace",
            id="''",
        ),
        pytest.param(
            {"namespace": "kube.system"},
            f"namespace: 'kube.system'; allowed: a namespace: {NAMESPACE}; or None for every namespace",
            id="a namespace with a dot",
        ),
        pytest.param({"role": "psp/default"}, f"role: 'psp/default'; allowed: {_RBAC}", id="a role with a slash"),
        pytest.param({"role": ""}, f"role: ''; allowed: {_RBAC}", id="a role without name"),
        pytest.param({"binding": "100%"}, f"binding: '100%'; allowed: {_RBAC}", id="a binding with a percent sign"),
        pytest.param({"binding": ".."}, f"binding: '..'; allowed: {_RBAC}", id="a binding of two dots"),
        pytest.param(
            {"role": "cluster-admin"},
            "role: 'cluster-admin'; allowed: a name that is not one of Kubernetes' own roles and bindings",
            id="a role of Kubernetes",
        ),
        pytest.param(
            {"binding": "system:node"},
            "binding: 'system:node'; allowed: a name that is not one of Kubernetes' own roles and bindings",
            id="a binding of Kubernetes",
        ),
        pytest.param(
            {"subjects": []}, "subjects: (); allowed: one subject or more, such as [authenticated()]", id="no subjects"
        ),
        pytest.param(
            {"subjects": "nodes"},
            "subjects: 'nodes'; allowed: one subject or more, such as [authenticated()]",
            id="a text for subjects",
        ),
        pytest.param(
            {"subjects": ["nodes"]},
            "subjects[0]: 'nodes'; allowed: a subject: nodes(), authenticated(), user('jane'), group('devs'), "
            "service_account('cart', 'shop')",
            id="a text for a subject",
        ),
        pytest.param(
            {"subjects": [service_accounts(), group("system:serviceaccounts")]},
            "subjects[1]: 'system:serviceaccounts'; allowed: each subject once; subjects[0] is the same",
            id="a subject twice",
        ),
        pytest.param(
            {"subjects": [user("u" * 2000)]},
            f"binding: 'default-psp-{'u' * 45}...{'u' * 58}'; allowed: {_RBAC}; "
            "this name comes from the first subject, give one as binding=",
            id="a subject too long for a name",
        ),
    ],
)
def test_a_field_that_will_not_do(fields: dict[str, Any], fault: str) -> None:
    """A grant that RBAC would refuse is refused, with what to write instead."""
    assert _faults(**fields) == [fault]


def test_every_fault_is_in_one_error() -> None:
    """One error names the policy and everything that is wrong."""
    faults = _faults(namespace="A", role="..", subjects=[user(""), group("x", namespace="y")])
    assert [fault.split(":")[0] for fault in faults] == [
        "namespace",
        "role",
        "subjects[0].name",
        "subjects[1].namespace",
    ]

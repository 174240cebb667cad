"""Subjects as they are written in config."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.errors import InvalidGrant
from pulumi_pod_security.policy.spelling import parse_subject
from pulumi_pod_security.policy.subjects import (
    Subject,
    authenticated,
    group,
    nodes,
    service_account,
    service_accounts,
    user,
)


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("nodes", nodes()),
        ("authenticated", authenticated()),
        ("service-accounts", service_accounts()),
        ("service-accounts:shop", service_accounts("shop")),
        ("user:jane", user("jane")),
        ("user:oidc:https://id.example.com#jane", user("oidc:https://id.example.com#jane")),
        ("group:team/devs", group("team/devs")),
        ("serviceaccount:cart", service_account("cart")),
        ("serviceaccount:shop/cart", service_account("cart", "shop")),
    ],
)
def test_spelled(text: str, subject: Subject) -> None:
    """Each spelling stands for one subject."""
    assert parse_subject(text) == subject


_ALL = (
    "one of 'nodes', 'authenticated', 'service-accounts', 'user:NAME', 'group:NAME', 'serviceaccount:NAME', "
    "'serviceaccount:NAMESPACE/NAME', 'service-accounts:NAMESPACE'"
)
_ALONE = "one of 'nodes', 'authenticated', 'service-accounts'"


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("", _ALL),
        (5, _ALL),
        ([], _ALL),
        (":", _ALL),
        ("user:", f"{_ALL}; did you mean 'user:NAME'?"),
        ("usr:jane", f"{_ALL}; did you mean 'user:jane'?"),
        ("service-account:cart", f"{_ALL}; did you mean 'service-accounts:cart'?"),
        ("jane", f"'user:jane', 'group:jane' or 'serviceaccount:jane', or {_ALONE}"),
        ("node", f"'user:node', 'group:node' or 'serviceaccount:node', or {_ALONE}; did you mean 'nodes'?"),
        ("authenticated:shop", "'authenticated', and 'namespace: shop' on the grant itself"),
        ("nodes/shop", "'nodes', and 'namespace: shop' on the grant itself"),
        ("system:nodes", "'nodes'"),
        ("system:authenticated", "'authenticated'"),
        ("system:authenticated:shop", "'authenticated', and 'namespace: shop' on the grant itself"),
        ("system:serviceaccounts", "'service-accounts'"),
        ("system:serviceaccounts:shop", "'service-accounts:shop'"),
        ("system:serviceaccount:shop:cart", "'serviceaccount:shop/cart'"),
        ("system:masters", "'group:system:masters' or 'user:system:masters'"),
        ("system", "'user:system', 'group:system' or 'serviceaccount:system', or " + _ALONE),
    ],
)
def test_misspelled(text: Any, instead: str) -> None:
    """A text that stands for nobody is refused at its path, with what to write instead."""
    with pytest.raises(InvalidGrant) as refusal:
        parse_subject(text, path="grants[0].to[1]")
    assert [str(fault) for fault in refusal.value.faults] == [f"grants[0].to[1]: {text!r}; allowed: {instead}"]

"""Who asks, as people name them."""

from __future__ import annotations

import pytest

from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy.identities import asking, identity_of, subject_of
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.subjects import service_account, user


@pytest.mark.parametrize(
    ("text", "user", "groups"),
    [
        ("user:jane", "jane", {"system:authenticated"}),
        ("user:system:anonymous", "system:anonymous", {"system:unauthenticated"}),
        ("group:devs", "", {"devs"}),
        ("nodes", "", {"system:nodes"}),
        ("authenticated", "", {"system:authenticated"}),
        ("service-accounts", "", {"system:serviceaccounts"}),
        ("service-accounts:shop", "", {"system:serviceaccounts:shop"}),
    ],
)
def test_spellings_of_stack_config(text: str, user: str, groups: set[str]) -> None:
    """A user is logged in; of a group's members nothing else is known."""
    assert identity_of(subject_of(text, "shop", "SUBJECT")) == Identity(user=user, groups=frozenset(groups))


@pytest.mark.parametrize("text", ["serviceaccount:shop/cart", "serviceaccount:cart"])
def test_a_service_account_is_in_its_groups(text: str) -> None:
    """As it is when it logs in; without a namespace it is one of the option's."""
    assert identity_of(subject_of(text, "shop", "SUBJECT")) == Identity.authenticated_service_account("shop", "cart")


@pytest.mark.parametrize("text", ["", "jane", "user:", "serviceaccount:Shop/cart", "pod:x", "user: "])
def test_nobody_is_refused(text: str) -> None:
    """With what may be written instead."""
    with pytest.raises(InvalidInput, match="SUBJECT"):
        subject_of(text, "shop", "SUBJECT")


JANE = Identity(user="jane", groups=frozenset({"system:authenticated"}))


@pytest.mark.parametrize("given", [JANE, user("jane"), "user:jane"])
def test_whoever_asks_may_be_given_in_three_ways(given: object) -> None:
    """All mean one."""
    assert asking(given, "shop", "author") == JANE


def test_an_account_without_a_namespace_is_one_of_what_names_none() -> None:
    """As a subject and as a text."""
    cart = Identity.authenticated_service_account("shop", "cart")
    assert [asking(given, "shop", "author") for given in (service_account("cart"), "serviceaccount:cart")] == [cart] * 2


@pytest.mark.parametrize("given", [5, {"user": "jane"}, [user("jane")]])
def test_what_is_nobody_is_refused(given: object) -> None:
    """With everything that may stand there."""
    with pytest.raises(InvalidInput, match=r"author: .*; allowed: user\('jane'\), service_account\('cart', 'shop'\), "):
        asking(given, "shop", "author")
    with pytest.raises(InvalidInput, match=r"author.name: ' '; allowed: the user's name"):
        asking(user(" "), "shop", "author")

"""Whom a command is about."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cli.subjects import identity_of, subject_of
from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy.identity import Identity


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

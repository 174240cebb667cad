"""Rules, as the authorizer reads them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.rbac_graphs import GRANTS, TRAPS
from tests.unit.support.rbac import JANE, binding, identity, rbac, role, rule, user

_BOUND = binding("b", "r", user("jane"))


@pytest.mark.parametrize("flavour", GRANTS)
def test_grants(flavour: str) -> None:
    """Wildcards and other entries beside the needed ones leave a rule a grant, of the policy it names and no other."""
    found = rbac(role("r", rule("p", **GRANTS[flavour])), _BOUND)
    assert found.may_use(JANE, "p", "shop")
    assert not found.may_use(JANE, "q", "shop")


@pytest.mark.parametrize("flavour", TRAPS)
def test_no_grants(flavour: str) -> None:
    """Case counts, `*` stands alone, and subresources are something else."""
    assert not rbac(role("r", rule("p.a", **TRAPS[flavour])), _BOUND).may_use(JANE, "p.a", "shop")


@pytest.mark.parametrize("names", [None, []], ids=["null", "empty"])
def test_no_names(names: Any) -> None:
    """A rule without resource names is for every policy."""
    assert rbac(role("r", rule(resourceNames=names)), _BOUND).may_use(JANE, "p", "shop")


def test_names_have_case() -> None:
    """A policy's name, a user's and a group's are other names in other case."""
    found = rbac(role("r", rule("p")), _BOUND)
    assert not found.may_use(JANE, "P", "shop")
    assert not found.may_use(identity("Jane"), "p", "shop")


def test_urls_have_no_say() -> None:
    """Everything on every URL is nothing on policies."""
    assert not rbac(role("r", {"nonResourceURLs": ["*"], "verbs": ["*"]}), _BOUND).may_use(JANE, "p", "shop")


def test_fields_of_different_rules_do_not_add_up() -> None:
    """A rule allows what all its own fields allow."""
    halves = rule("p", verbs=["get"]), rule("p", resources=["pods"]), rule("q")
    assert not rbac(role("r", *halves), _BOUND).may_use(JANE, "p", "shop")

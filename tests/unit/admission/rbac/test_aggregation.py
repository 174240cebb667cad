"""ClusterRoles that take over the rules of others."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.support.rbac import JANE, aggregated, binding, rbac, role, rule, user

_BOUND = binding("b", "all", user("jane"))


def _expression(operator: str, *values: str, key: str = "team") -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": list(values)} if values else {})}]}


@pytest.mark.parametrize(
    ("selector", "labels", "selected"),
    [
        ({}, None, True),
        ({"matchLabels": None, "matchExpressions": []}, {"team": "a"}, True),
        ({"matchLabels": {"team": "a"}}, {"team": "a", "x": "y"}, True),
        ({"matchLabels": {"team": "a", "x": "y"}}, {"team": "a"}, False),
        ({"matchLabels": {"team": "a"}}, {"team": "A"}, False),
        ({"matchLabels": {"team": ""}}, {}, False),
        ({"matchLabels": {"team": ""}}, {"team": None}, True),
        (_expression("In", "a", "b"), {"team": "b"}, True),
        (_expression("In", "a", "b"), {"team": "c"}, False),
        (_expression("In", "a"), {}, False),
        (_expression("In", ""), {"team": None}, True),
        (_expression("NotIn", ""), {"team": None}, False),
        (_expression("NotIn", "a", "b"), {"team": "b"}, False),
        (_expression("NotIn", "a"), {"team": "c"}, True),
        (_expression("NotIn", "a"), {}, True),
        (_expression("Exists"), {"team": ""}, True),
        (_expression("Exists"), {"Team": "a"}, False),
        (_expression("DoesNotExist"), {"team": ""}, False),
        (_expression("DoesNotExist"), {"Team": "a"}, True),
        ({"matchLabels": {"x": "y"}, **_expression("Exists")}, {"team": "a"}, False),
        ({"matchLabels": {"x": "y"}, **_expression("Exists")}, {"team": "a", "x": "y"}, True),
    ],
)
def test_selectors(selector: dict[str, Any], labels: dict[str, str] | None, selected: bool) -> None:  # noqa: FBT001
    """A role is selected when it meets every label and expression of one selector."""
    found = rbac(aggregated("all", selector), role("one", rule("p"), labels=labels), _BOUND)
    assert found.may_use(JANE, "p", "shop") is selected


def test_one_selector_is_enough() -> None:
    """Several selectors select what any of them does."""
    selectors = {"matchLabels": {"team": "a"}}, {"matchLabels": {"team": "b"}}
    found = rbac(aggregated("all", *selectors), role("one", rule("p"), labels={"team": "b"}), _BOUND)
    assert found.may_use(JANE, "p", "shop")


def test_the_origin_is_told() -> None:
    """A rule that was taken over is explained by the role it comes from."""
    found = rbac(aggregated("all", {}), role("one", rule(verbs=["get"]), rule("p")), _BOUND)
    assert "gives ClusterRole all, which aggregates ClusterRole one, by rules[1] (" in str(
        found.because(JANE, "p", "shop")
    )


def test_chains_and_circles() -> None:
    """Roles that aggregate each other each have the rules of all, and looking for them ends."""
    labelled = [{"matchLabels": {"to": name}} for name in ("one", "two", "all")]
    found = rbac(
        aggregated("all", labelled[2], labels={"to": "one"}),
        aggregated("one", labelled[0], labels={"to": "two"}),
        aggregated("two", labelled[1], labels={"to": "all"}),
        role("source", rule("p"), labels={"to": "two"}),
        *(binding(name, name, user(name)) for name in ("one", "two")),
        _BOUND,
    )
    assert [str(one.subject) for one in found.who_can("p")][1:] == ["user jane", "user one", "user two"]


def test_roles_of_a_namespace_are_not_aggregated() -> None:
    """Only ClusterRoles are."""
    assert not rbac(aggregated("all", {}), role("one", rule("p"), namespace="shop"), _BOUND).may_use(JANE, "p", "shop")


def test_rules_in_a_file_are_written_over() -> None:
    """Rules beside an aggregationRule count when an API server has them, and in a file for nothing."""
    selector = {"matchLabels": {"team": "a"}}
    assert not rbac(aggregated("all", selector, rules=[rule("p")]), _BOUND).may_use(JANE, "p", "shop")
    stored = aggregated("all", selector, rules=[rule("p")], uid="1")
    assert rbac(stored, _BOUND).may_use(JANE, "p", "shop")


def test_a_stored_rule_is_told_by_its_origin() -> None:
    """What the controller has copied is explained by the role it was copied from, while that one is there."""
    stored = aggregated("all", {}, rules=[rule("p")], uid="1")
    again = aggregated("again", {}, rules=[rule("p")], uid="3")
    because = rbac(stored, again, role("one", rule("p"), uid="2"), _BOUND).because(JANE, "p", "shop")
    assert because
    assert because.origin
    assert because.origin.name == "one"


def test_a_file_adds_to_a_stored_role() -> None:
    """A role in a file that a stored one selects gives it more."""
    stored = aggregated("all", {}, rules=[rule("p")], uid="1")
    found = rbac(stored, role("one", rule("q")), _BOUND)
    assert [one.policy for one in found.can(JANE)] == ["p", "q"]

"""The validating half, as it is written."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import pytest

from pulumi_pod_security.policy import presets
from pulumi_pod_security.targets.cel.terms import Term, terms_of
from pulumi_pod_security.targets.cel.validating import validating_spec

_HEAD = "PodSecurityPolicy: unable to validate pod: "


@pytest.fixture(scope="module", params=[("policy",), ("policy", "extensions")], ids=len)
def spec(request: pytest.FixtureRequest) -> Any:
    """Of three policies."""
    policies = [dataclasses.replace(presets.restricted(), name=name) for name in ("a", "b.1", "b-1")]
    return validating_spec(terms_of(policies, request.param), Term.in_full, ())


def _below(expression: str, variables: dict[str, str]) -> set[str]:
    """The expression with those of all variables that it names."""
    names = re.findall(r"variables\.(\w+)", expression)
    return {expression}.union(*(_below(variables[name], variables) for name in names))


def test_the_authorizer_is_asked_where_it_answers(spec: Any) -> None:
    """In messages and for audit events there is none, and an expression that names it fails, which refuses the pod."""
    variables = {each["name"]: each["expression"] for each in spec["variables"]}
    told = [each["messageExpression"] for each in spec["validations"]]
    told += [each["valueExpression"] for each in spec["auditAnnotations"]]
    for expression in told:
        assert not [each for each in _below(expression, variables) if "authorizer" in each]
    judging = [_below(each["expression"], variables) for each in spec["validations"]]
    assert all(any("authorizer" in each for each in found) for found in judging)


def test_an_expression_asks_twice_at_most(spec: Any) -> None:
    """More than two checks cost more than one expression may."""
    text = json.dumps(spec)
    expressions = re.findall(r'"(?:expression|messageExpression|valueExpression)": ("(?:[^"\\]|\\.)*")', text)
    counts = [json.loads(each).count(".check(") for each in expressions]
    assert max(counts) == 2
    assert sum(counts) in (3 * 2, 3 * 4)


def test_every_policy_has_a_validation_by_name(spec: Any) -> None:
    """With what it says in short where the long message cannot be told; and a last one for those who may use none."""
    validations = spec["validations"]
    assert [each["message"] for each in validations] == [f"{_HEAD}[{name}]" for name in ("a", "b-1", "b.1", "")]
    assert {each["reason"] for each in validations} == {"Forbidden"}
    assert all("\n" not in each["message"] for each in validations)


def test_without_policies_nobody_is_admitted() -> None:
    """As with the plugin."""
    spec = validating_spec((), Term.in_full, ())
    assert {"name": "admitted", "expression": "false"} in spec["variables"]
    assert [each["expression"] for each in spec["validations"]] == ["variables.admitted"]
    assert spec["failurePolicy"] == "Fail"


def test_exemptions_stand_beside_what_is_never_asked() -> None:
    """Each is a match condition of its own."""
    conditions = validating_spec((), Term.in_full, ({"name": "x", "expression": "false"},))["matchConditions"]
    assert [each["name"] for each in conditions] == ["more-than-owners-and-finalizers", "x"]

"""Policies as variables of an admission policy."""

from __future__ import annotations

import dataclasses

from pulumi_pod_security.controls.cel import Written
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.targets.cel.terms import terms_of
from tests.fixtures.psp_policies import narrowest_policy, unbuildable_policy


def _named(*names: str) -> list[PodSecurityPolicy]:
    return [dataclasses.replace(presets.restricted(), name=name) for name in names]


def test_policies_come_by_name() -> None:
    """In the order of bytes, as the plugin sorts them, and not as they were given."""
    terms = terms_of(_named("b", "a1", "a.1", "a-1", "a"), ("policy",))
    assert [term.name for term in terms] == ["a", "a-1", "a.1", "a1", "b"]


def test_names_that_would_be_one_variable_are_numbered() -> None:
    """Dots and dashes are not in names of variables; no policy is judged by what another asks."""
    terms = terms_of(_named("a-b", "a.b", "a-b-n2", "a.b.n2"), ("policy",))
    variables = [term.variable for term in terms]
    assert len(set(variables)) == len(variables) == 4
    assert all(variable.replace("_", "").isalnum() for variable in variables)


def test_what_the_plugin_cannot_build_is_left_out() -> None:
    """It skips such a policy, and so do we."""
    policies = [PodSecurityPolicy.from_manifest(unbuildable_policy("broken")), *_named("whole")]
    assert [term.name for term in terms_of(policies, ("policy",))] == ["whole"]


def test_no_expression_asks_the_authorizer_more_than_twice() -> None:
    """A server lets an expression cost two checks: a second API group has a variable of its own."""
    (term,) = terms_of(_named("a"), ("policy", "extensions"))
    assert [each["name"] for each in term.may_be_used] == ["use_a", "use_a_EXTENSIONS"]
    assert [each["expression"].count(".check(") for each in term.may_be_used] == [2, 2]
    assert term.use == "variables.use_a || variables.use_a_EXTENSIONS"


def test_what_is_written_counts_only_in_full() -> None:
    """A pod may lack what is going to be written; where nothing is written it is asked for."""
    (term,) = terms_of(_named("a"), ("policy",))
    assert term.written
    assert {*term.written} <= {*term.in_full()}
    assert not any(isinstance(clause, Written) for clause in term.without_defaults())


def test_a_policy_that_refuses_nothing_fits_everything() -> None:
    """Without clauses there is nothing to ask."""
    (term,) = terms_of([PodSecurityPolicy.from_manifest(narrowest_policy("a"))], ("policy",))
    assert term.unless("fits", ()) == {"name": "fits_a", "expression": "!(false)"}

"""The mutating half, as it is written."""

from __future__ import annotations

import dataclasses
import json

from pulumi_pod_security.policy import presets
from pulumi_pod_security.targets.cel.mutating import mutating_spec
from pulumi_pod_security.targets.cel.terms import terms_of


def test_the_first_that_fits_is_chosen_before_one_that_writes() -> None:
    """By name in each of the two rounds, and only one that may be used."""
    policies = [dataclasses.replace(presets.restricted(), name=name) for name in ("b", "a")]
    spec = mutating_spec(terms_of(policies, ("policy",)), ())
    (chosen,) = (each["expression"] for each in spec["variables"] if each["name"] == "chosen")
    assert chosen == (
        'variables.fits_a && (variables.use_a) ? "a" : variables.fits_b && (variables.use_b) ? "b"'
        ' : variables.admits_a && (variables.use_a) ? "a" : variables.admits_b && (variables.use_b) ? "b" : ""'
    )


def test_an_expression_asks_twice_at_most() -> None:
    """More than two checks cost more than one expression may."""
    spec = mutating_spec(terms_of([presets.restricted(), presets.privileged()], ("policy", "extensions")), ())
    counts = [each["expression"].count(".check(") for each in spec["variables"]]
    assert (max(counts), sum(counts)) == (2, 8)
    assert "authorizer" not in json.dumps(spec["mutations"])


def test_what_writes_nothing_has_one_mutation() -> None:
    """The note; where a policy writes, there is a second."""
    privileged, restricted = (terms_of([each], ("policy",)) for each in (presets.privileged(), presets.restricted()))
    assert [len(mutating_spec(terms, ())["mutations"]) for terms in (privileged, restricted)] == [1, 2]


def test_it_is_for_pods_that_are_made_and_fails_closed() -> None:
    """The plugin writes nothing into pods that are changed."""
    spec = mutating_spec((), ({"name": "x", "expression": "false"},))
    (rule,) = spec["matchConstraints"]["resourceRules"]
    assert (rule["operations"], rule["resources"]) == (["CREATE"], ["pods"])
    assert (spec["failurePolicy"], spec["reinvocationPolicy"]) == ("Fail", "IfNeeded")
    assert spec["matchConditions"] == [{"name": "x", "expression": "false"}]
    assert "matchConditions" not in mutating_spec((), ())

"""Admission policies and bindings, by stage."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args

import pytest

from pulumi_pod_security.errors import DoesNotFit
from pulumi_pod_security.policy import presets
from pulumi_pod_security.targets.cel import EXEMPTIONS, NAME, Exemption, Stage, cel_manifests

_VALIDATING = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
_MUTATING = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]


def _made(stage: Stage, **settings: Any) -> dict[str, Any]:
    given = {"mutates": True, **settings}
    return {each["kind"]: each for each in cel_manifests([presets.restricted()], stage=stage, **given)}


@pytest.mark.parametrize(
    ("stage", "mutates", "kinds", "actions"),
    [
        ("audit", True, _VALIDATING, ["Audit"]),
        ("warn", True, _VALIDATING, ["Warn", "Audit"]),
        ("deny", True, [*_MUTATING, *_VALIDATING], ["Deny", "Audit"]),
        ("deny", False, _VALIDATING, ["Deny", "Audit"]),
    ],
)
def test_stages(stage: Stage, kinds: list[str], actions: list[str], *, mutates: bool) -> None:
    """Nothing is written into pods before they are refused, and what writes is there before what refuses."""
    made = _made(stage, mutates=mutates)
    assert list(made) == kinds
    binding = made["ValidatingAdmissionPolicyBinding"]["spec"]
    assert binding == {"policyName": NAME, "validationActions": actions}
    assert {each["metadata"]["name"] for each in made.values()} == {NAME}


def test_only_who_is_refused_must_come_with_everything() -> None:
    """Before that a pod counts as accepted if what it lacks would be written."""

    def fits(stage: Stage) -> str:
        variables = _made(stage)["ValidatingAdmissionPolicy"]["spec"]["variables"]
        return str(next(each["expression"] for each in variables if each["name"] == "fits_restricted"))

    assert fits("audit") == fits("warn")
    assert "runAsNonRoot" in fits("warn")
    assert len(fits("warn")) < len(fits("deny"))


@pytest.mark.parametrize("exemption", get_args(Exemption))
def test_exemptions_are_the_same_for_both_halves(exemption: Exemption) -> None:
    """What is not judged is not written into either."""
    made = _made("deny", exemptions=[exemption])
    for kind in ("MutatingAdmissionPolicy", "ValidatingAdmissionPolicy"):
        assert made[kind]["spec"]["matchConditions"][-1] == EXEMPTIONS[exemption]


def test_more_than_a_server_can_pay_is_refused_in_every_stage() -> None:
    """What only warns is to be enforced one day."""
    many = [dataclasses.replace(presets.restricted(), name=f"p{number}") for number in range(14)]
    for stage in get_args(Stage):
        with pytest.raises(DoesNotFit, match="at most 13 of them"):
            cel_manifests(many, stage=stage, mutates=False)

"""Admission policies as resources: which there are in which stage, and in which order."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.targets.cel import cel_manifests
from tests.unit.support.programs import baseline, cel, recorded

MUTATING = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]
VALIDATING = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]


def made(**args: Any) -> list[str]:
    """The names of what the enablement makes, in the order in which it does."""
    graph = recorded(lambda: cel(**args))
    names = [found.name for found in graph.below(graph.named("enforce")) if found.custom]
    return [name.removeprefix("enforce-") for name in names]


def test_what_writes_comes_before_what_refuses() -> None:
    """Preflight first; each waits for all before it and for the whole baseline."""
    order = ["preflight", *MUTATING, *VALIDATING]
    assert made() == order
    graph = recorded(cel)
    before = {found.urn for found in graph.below(graph.named("baseline")) if found.custom}
    for name in order:
        resource = graph.named(f"enforce-{name}")
        assert before <= resource.dependencies, name
        before.add(resource.urn)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"stage": "audit"}, VALIDATING),
        ({"stage": "warn"}, ["preflight", *VALIDATING]),
        ({"stage": "deny", "mutates": False}, ["preflight", *VALIDATING]),
    ],
)
def test_nothing_is_written_before_pods_are_refused(args: dict[str, Any], expected: list[str]) -> None:
    """What only notes pods strands nobody, and asks nobody."""
    assert made(**args) == expected


def test_they_are_what_anybody_may_render() -> None:
    """The same manifests, whoever applies them."""
    graph = recorded(cel)
    policies = [ps.presets.privileged(), ps.presets.default()]
    for manifest in cel_manifests(policies, stage="deny", mutates=True):
        found = graph.named(f"enforce-{manifest['kind']}").inputs
        assert {key: found[key] for key in ("apiVersion", "kind", "metadata", "spec")} == manifest


def test_preflight_knows_whether_defaults_are_written() -> None:
    """Pods that rely on them are refused where they are not."""
    assert recorded(lambda: cel(mutates=False)).named("enforce-preflight").inputs["mutates"] is False
    assert "mutates" not in recorded(cel).named("enforce-preflight").inputs


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ({"stage": "enforce"}, r"stage: 'enforce'.*'audit', 'warn', 'deny'"),
        ({"exemptions": ["kube-sytem"]}, r"exemptions\[0\]: 'kube-sytem'.*kube-system"),
    ],
)
def test_what_nobody_knows_is_refused(args: dict[str, Any], told: str) -> None:
    """With what there is instead."""
    with pytest.raises(ps.InvalidInput, match=told):
        recorded(lambda: cel(**args))


def test_a_baseline_of_objects_is_refused() -> None:
    """Its policies are the plugin's."""
    with pytest.raises(ps.InvalidInput, match=r"baseline\.enforcement: 'psp'"):
        recorded(lambda: cel(baseline=baseline()))


def test_too_many_policies_are_refused_before_anything_is_made() -> None:
    """With those that say the same."""
    policies = [dataclasses.replace(ps.presets.restricted(), name=f"r{number}") for number in range(15)]
    with pytest.raises(ps.DoesNotFit, match=r"policies: 15.*at most \d+ of them.*r0 and r1"):
        recorded(lambda: cel(baseline=baseline(policies=policies, grants=[], admins=[], enforcement="cel")))

"""Admission policies as resources: which there are in which stage, and in which order."""

from __future__ import annotations

import dataclasses
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
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


def test_they_are_on_the_cluster_of_the_baseline() -> None:
    """Its provider is theirs, unless they are told another: preflight judged that cluster and no other."""

    def program() -> None:
        provider = kubernetes.Provider("prod", kubeconfig="/prod.conf")
        args = ps.PodSecurityBaselineArgs(policies=[ps.presets.default()], grants=[], enforcement="cel")
        there = ps.PodSecurityBaseline("baseline", args, pulumi.ResourceOptions(providers=[provider]))
        cel(baseline=there)

    graph = recorded(program)
    for name in (*MUTATING, *VALIDATING):
        assert "prod" in graph.named(f"enforce-{name}").provider, name


@pytest.mark.parametrize("groups", [(), ("apps",), ("extensions",)])
def test_groups_that_nobody_is_granted_in_are_refused(groups: tuple[str, ...]) -> None:
    """Nobody might use anything then."""

    def program() -> None:
        usual = baseline(enforcement="cel", api_groups=("policy",))
        cel(baseline=usual, api_groups=groups)

    with pytest.raises(ps.InvalidInput, match="api_groups: "):
        recorded(program)


def test_preflight_asks_what_the_server_will() -> None:
    """In the same API groups, and of the same pods."""
    inputs = recorded(lambda: cel(exemptions=["kube-system"])).named("enforce-preflight").inputs
    assert (inputs["exemptions"], inputs["api_groups"]) == (["kube-system"], ["policy"])

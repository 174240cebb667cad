"""Laws of what is taken over: the same policies, and the same answers about who may use them."""

from __future__ import annotations

import random
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

import pulumi_pod_security as ps
from pulumi_pod_security.admission.migration import Left, Taken, take_over
from pulumi_pod_security.admission.migration.sayable import subject_of
from pulumi_pod_security.admission.rbac import Rbac, read
from pulumi_pod_security.policy.config import grant_from_config, policy_from_config
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.report.program import program
from pulumi_pod_security.report.stack_config import stack_config
from pulumi_pod_security.targets.psp import psp_manifests
from tests.fixtures.psp_policies import random_policy
from tests.fixtures.rbac_graphs import Graph, Question, graph, questions

_QUESTIONS = 200


def _rbac(manifests: list[dict[str, Any]]) -> Rbac:
    return Rbac(read((f"[{index}]", manifest) for index, manifest in enumerate(manifests)))


def _policies(chance: random.Random, about: Graph) -> list[PodSecurityPolicy]:
    return [PodSecurityPolicy.from_manifest(random_policy(chance, name)) for name in about.policies]


def _told(left: Left, question: Question) -> bool:
    because = left.because
    return (
        because is not None
        and because.policy in (None, question.policy)
        and because.namespace in (None, question.namespace)
        and subject_of(because.subject).matches(question.identity)
    )


def _again(taken: Taken) -> Rbac:
    made = psp_manifests(taken.policies, taken.grants, taken.admins)
    return _rbac([*made.roles, *made.bindings])


@given(st.builds(random.Random, st.integers(0, 2**32)))
def test_a_grant_gives_what_rbac_gave_and_the_rest_is_told(chance: random.Random) -> None:
    """Nobody gains a right, and who loses one is listed with it."""
    about = graph(chance, "m")
    before, policies = _rbac(about.manifests), _policies(chance, about)
    taken = take_over(policies, before)
    after = _again(taken)
    for question in questions(chance, about, _QUESTIONS):
        asked = (question.identity, question.policy, question.namespace)
        if after.may_use(*asked):
            assert before.may_use(*asked)
        elif before.may_use(*asked):
            assert any(_told(left, question) for left in taken.left)


@given(st.builds(random.Random, st.integers(0, 2**32)))
def test_the_policies_are_the_same(chance: random.Random) -> None:
    """But for those that no pod ever gets, which are listed."""
    about = graph(chance, "m")
    policies = _policies(chance, about)
    taken = take_over(policies, _rbac(about.manifests))
    made = [PodSecurityPolicy.from_manifest(each) for each in psp_manifests(taken.policies, taken.grants).policies]
    missing = [policy for policy in policies if policy not in made]
    assert [policy for policy in policies if policy in made] == made
    listed = [left.what for left in taken.left if left.because is None]
    assert listed[: len(missing)] == [f"PodSecurityPolicy {policy.name}" for policy in missing]


@given(st.builds(random.Random, st.integers(0, 2**32)))
def test_what_is_written_is_read_as_the_same(chance: random.Random) -> None:
    """As stack configuration, and as a program, whatever people call things."""
    about = graph(chance, "m")
    # Anything goes as the name of a user.
    odd = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "q\"'\\\u2028\x85\n{}: #"}
    for manifest in about.manifests:
        if "subjects" in manifest:
            manifest["subjects"] = [*(manifest["subjects"] or ()), odd]
    taken = take_over(_policies(chance, about), _rbac(about.manifests))
    config = yaml.safe_load(stack_config(taken.policies, taken.grants, taken.admins))["config"]
    assert tuple(map(policy_from_config, config["pod-security:policies"])) == taken.policies
    assert tuple(map(grant_from_config, config["pod-security:grants"])) == taken.grants
    assert _run(program(taken.policies, taken.grants, taken.admins)) == (taken.policies, taken.grants, taken.admins)


def _run(text: str) -> tuple[Any, Any, Any]:
    """What the program declares; it makes no resources here."""
    known: dict[str, Any] = {}
    exec(compile(text.partition("\nps.PodSecurityBaseline(")[0], "program", "exec"), known)
    assert known["ps"] is ps
    return tuple(known["policies"]), tuple(known["grants"]), tuple(known.get("admins", ()))

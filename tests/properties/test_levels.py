"""Laws of comparing a policy with a level of the standards: what is said to differ does, and what is not does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from random import Random

import msgspec
from hypothesis import assume, given, reject
from hypothesis import strategies as st

from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.defaulting import as_seen
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.request import Request
from pulumi_pod_security.admission.standards import Standard, StandardLevel, judge
from pulumi_pod_security.admission.syncing import as_synced
from pulumi_pod_security.controls.check import Rule
from pulumi_pod_security.controls.comparison import CONCERNS, PLAIN, Concern, Difference, compare
from pulumi_pod_security.controls.comparison.covering import asks_no_more
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.standards import NEWEST, STANDARDS
from pulumi_pod_security.errors import InvalidPolicy
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.presets import preset
from pulumi_pod_security.policy.spec_rules import unusable
from tests.fixtures import psp_pods, standards_pods
from tests.fixtures.psp_policies import random_policy

# From 1.19 on profiles of seccomp are fields, and only policies know their annotations.
_OLDEST = 19
_SEEDS = st.builds(Random, st.integers(0, 2**32))
_LEVELS: st.SearchStrategy[StandardLevel] = st.sampled_from(["privileged", "baseline", "restricted"])
_VERSIONS = st.integers(_OLDEST, NEWEST)
_PODS = 40
_OPEN = preset("privileged")
# The restricted level takes this one in every version, and every policy that asks for nothing odd.
_SOUND = msgspec.convert(
    {
        "spec": {
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            "containers": [
                {
                    "name": "app",
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                        "runAsUser": 1000,
                    },
                }
            ],
        }
    },
    Pod,
)


def _policy(rng: Random) -> PodSecurityPolicy:
    policy = PodSecurityPolicy.from_manifest(random_policy(rng, "tried"))
    assume(not any(unusable(policy.spec)))
    return policy


def _rules(level: StandardLevel, minor: int) -> Mapping[str, Rule]:
    return {} if level == "privileged" else STANDARDS[level][minor]


def _pods(rng: Random) -> Iterator[Pod]:
    for _ in range(_PODS):
        make = rng.choice((psp_pods.random_pod, standards_pods.random_pod, standards_pods.admitted_pod))
        yield msgspec.convert(make(rng), Pod)


def _by_policy(policy: Prepared, pod: Pod) -> bool:
    return not policy.judge(policy.default(pod))


@given(_SEEDS, _LEVELS, _VERSIONS)
def test_a_level_that_is_said_to_change_nothing_changes_nothing(rng: Random, level: StandardLevel, minor: int) -> None:
    """For pods as they are sent, and as either server makes them before it looks."""
    policy, standard = _policy(rng), Standard(level=level, version=f"v1.{minor}")
    found, prepared = compare(policy, _rules(level, minor)), Prepared.of(policy)
    allows, refuses = any(one.allowed for one in found), any(one.refuses for one in found)
    for pod in _pods(rng):
        by_policy, by_level = _by_policy(prepared, as_seen(pod, "shop")), judge(as_synced(pod), standard).admitted
        assert allows or not by_level or by_policy
        assert refuses or not by_policy or by_level


@given(_SEEDS, _LEVELS, _VERSIONS)
def test_a_concern_that_is_said_to_be_equal_is(rng: Random, level: StandardLevel, minor: int) -> None:
    """Each by itself, which is more than all together."""
    policy, rules = _policy(rng), _rules(level, minor)
    found = {one.concern: one for one in compare(policy, rules)}
    for pod in _pods(rng):
        for concern in CONCERNS:
            by_policy, by_level = _concerned(concern, policy, rules, pod)
            assert found[concern.id].allowed or not by_level or by_policy, concern.id
            assert found[concern.id].refuses or not by_policy or by_level, concern.id


def _concerned(concern: Concern, policy: PodSecurityPolicy, rules: Mapping[str, Rule], pod: Pod) -> tuple[bool, bool]:
    by_level = not any(rules[check.id].judge(pod) for check in concern.checks if check.id in rules)
    by_policy = True
    for control in concern.controls:
        settings = control.settings(policy)
        if settings is not None and control.judge(settings, control.default(settings, pod)):
            by_policy = False
    return by_policy, by_level


@given(_SEEDS, _LEVELS, _VERSIONS)
def test_what_is_newly_allowed_has_a_witness(rng: Random, level: StandardLevel, minor: int) -> None:
    """A whole pod, which the level admits and the policy refuses."""
    policy, standard = _policy(rng), Standard(level=level, version=f"v1.{minor}")
    prepared = Prepared.of(policy)
    for pod in _witnesses([one.allowed for one in compare(policy, _rules(level, minor))], _SOUND):
        assert judge(pod, standard).admitted
        assert not _by_policy(prepared, pod)


@given(_SEEDS, _LEVELS, _VERSIONS)
def test_what_is_newly_refused_has_a_witness(rng: Random, level: StandardLevel, minor: int) -> None:
    """A whole pod, which the policy admits and the level refuses: of every policy that admits a plain or sound pod."""
    policy, standard = _policy(rng), Standard(level=level, version=f"v1.{minor}")
    prepared = Prepared.of(policy)
    base = next((pod for pod in (PLAIN, _SOUND) if _by_policy(prepared, pod)), None)
    assume(base is not None)
    assert base is not None
    found = [(*one.refused, *one.unwritten) for one in compare(policy, _rules(level, minor))]
    for pod in _witnesses(found, base):
        assert not judge(pod, standard).admitted
        assert _by_policy(prepared, pod)


def _witnesses(found: list[tuple[Difference, ...]], base: Pod) -> Iterator[Pod]:
    for difference in (one for of_concern in found for one in of_concern):
        yield from (use.change(base) for use in difference.uses)


@given(_SEEDS)
def test_a_policy_behind_one_that_asks_no_more_is_never_chosen(rng: Random) -> None:
    """Whatever the pod, where both may be used."""
    behind = _policy(rng)
    fields = [field.name for field in dataclasses.fields(behind.spec) if rng.random() < 0.5]
    opened = dataclasses.replace(behind.spec, **{name: getattr(_OPEN.spec, name) for name in fields})
    try:
        first = dataclasses.replace(behind, name="first", spec=opened)
    except InvalidPolicy:
        # The fields do not fit together any more.
        reject()
    if rng.random() < 0.5:
        first = dataclasses.replace(first, seccomp=_OPEN.seccomp)
    assume(asks_no_more(first, behind))
    both = [Prepared.of(behind), Prepared.of(first)]
    for pod in _pods(rng):
        request = Request(operation="CREATE", pod=as_seen(pod, "shop"), namespace="shop", user=Identity(user="jane"))
        assert choose(request, both, lambda _identity, _policy, _namespace: True).policy != behind.name

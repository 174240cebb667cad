"""Laws of the chooser, over random policies and pods."""

from __future__ import annotations

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_pod_security.admission.changes import applied, changes
from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.defaulting import as_seen
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.request import Operation, Request, Verdict
from pulumi_pod_security.controls.pod import Pod, with_annotation
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.stored import as_stored
from tests.fixtures.psp_pods import random_pod
from tests.fixtures.psp_policies import random_policy

_RANDOM = st.randoms(use_true_random=False)
_OPERATIONS = st.sampled_from(["CREATE", "UPDATE"])


def _policies(rng: Random) -> list[Prepared]:
    names = rng.sample("abcdefgh", rng.randint(1, 6))
    manifests = (random_policy(rng, name) for name in names)
    return [Prepared.of(as_stored(PodSecurityPolicy.from_manifest(manifest))) for manifest in manifests]


def _pod(rng: Random) -> Pod:
    return as_seen(msgspec.convert(random_pod(rng), Pod), "shop")


def _asked(operation: Operation, pod: Pod, policies: list[Prepared], usable: str = "abcdefgh") -> Verdict:
    request = Request(operation=operation, pod=pod, namespace="shop", user=Identity(user="jane"))
    return choose(request, policies, lambda _identity, policy, _namespace: policy in usable)


@given(_RANDOM, _OPERATIONS)
def test_a_policy_more_refuses_no_pod(rng: Random, operation: Operation) -> None:
    """A pod that is admitted under some policies is admitted under one more, and under the right to use one more."""
    policies, pod = _policies(rng), _pod(rng)
    fewer = rng.sample(policies, rng.randint(1, len(policies)))
    usable = "".join(rng.sample("abcdefgh", 4))
    if _asked(operation, pod, fewer, usable).admitted:
        assert _asked(operation, pod, policies, usable).admitted
        assert _asked(operation, pod, fewer).admitted


@given(_RANDOM)
def test_an_admitted_pod_is_what_its_policy_wants(rng: Random) -> None:
    """The policy neither writes into a pod that it admitted nor refuses it, and an update keeps pod and policy."""
    policies, pod = _policies(rng), _pod(rng)
    verdict = _asked("CREATE", pod, policies)
    if verdict.admitted:
        chosen = next(prepared for prepared in policies if prepared.name == verdict.policy)
        assert chosen.default(verdict.pod) is verdict.pod
        assert list(chosen.judge(verdict.pod)) == []
        later = _asked("UPDATE", with_annotation(verdict.pod, "new", "yes"), policies)
        assert (later.admitted, later.policy) == (True, verdict.policy)


@given(_RANDOM, _OPERATIONS)
def test_the_order_of_policies_does_not_matter(rng: Random, operation: Operation) -> None:
    """Policies in any order give the same answer, step by step."""
    policies, pod = _policies(rng), _pod(rng)
    shuffled = rng.sample(policies, len(policies))
    assert _asked(operation, pod, shuffled) == _asked(operation, pod, policies)


@given(_RANDOM)
def test_a_refusal_says_why_each_usable_policy_refuses(rng: Random) -> None:
    """A created pod is refused only where every policy that may be used has a reason, and all of them are given."""
    policies, pod = _policies(rng), _pod(rng)
    verdict = _asked("CREATE", pod, policies, "abcd")
    outcomes = {step.outcome for step in verdict.steps}
    assert verdict.admitted == bool(outcomes & {"chosen"})
    if not verdict.admitted:
        assert outcomes <= {"refuses", "may not be used", "cannot be built"}
        given_ = [step.prepared.judge(step.pod) for step in verdict.steps if step.outcome == "refuses"]
        assert all(given_)
        assert verdict.reasons == tuple(reason for reasons in given_ for reason in reasons)


@given(_RANDOM)
def test_an_answer_is_what_the_default_and_the_judge_say(rng: Random) -> None:
    """Questions put together have the answer that they have one by one, also when an equal part was there before."""
    policies, pod = _policies(rng), _pod(rng)
    for asked in (asked for prepared in policies for asked in prepared.asked):
        written = asked.default(pod)
        refused = any(question.judge(question.default(pod)) for question in asked.questions)
        assert asked.answer(pod) == ("refuses" if refused else "fits" if written is pod else "mutates")


@given(_RANDOM)
def test_changes_that_are_made_give_the_admitted_pod(rng: Random) -> None:
    """What a verdict says was written is all that was written."""
    pod = _pod(rng)
    after = _asked("CREATE", pod, _policies(rng)).pod
    manifest = msgspec.json.decode(msgspec.json.encode(pod))
    made = msgspec.convert(applied(manifest, changes(pod, after)), Pod)
    assert changes(made, after) == ()
    assert made == after


@pytest.mark.parametrize("operation", ["CREATE", "UPDATE"])
def test_random_pods_are_admitted_and_refused(operation: Operation) -> None:
    """The laws above are tried on pods of either kind, and on policies of every outcome."""
    verdicts = [_asked(operation, _pod(rng), _policies(rng), "abcd") for rng in map(Random, range(300))]
    admitted = sum(verdict.admitted for verdict in verdicts)
    assert 30 < admitted < 270
    outcomes = {step.outcome for verdict in verdicts for step in verdict.steps}
    assert outcomes == {"chosen", "mutates", "refuses", "may not be used", "cannot be built"}

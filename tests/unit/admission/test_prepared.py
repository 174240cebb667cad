"""A policy made ready: which controls have a word, and which policies the plugin cannot build."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.admission import prepared
from pulumi_pod_security.admission.prepared import Answers, Prepared
from pulumi_pod_security.policy import presets
from tests.unit.support.controls import a_container, a_pod, a_policy

_CACHED = ("_question", "_about_pod", "_about_security", "_about_containers")
_WITHOUT_RANGES: dict[str, Any] = {"rule": "MustRunAs", "ranges": []}


@pytest.fixture(autouse=True)
def afresh() -> None:
    """Questions that nobody has asked before."""
    for name in _CACHED:
        getattr(prepared, name).cache_clear()


def test_a_pod_answers_a_policy() -> None:
    """In short, for each part of the pod; what is written is written once, and what is refused has its reasons."""
    policy = a_policy("strict", readOnlyRootFilesystem=True, runAsUser={"rule": "MustRunAsNonRoot"}, volumes=["secret"])
    strict, lax = Prepared.of(policy), Prepared.of(presets.privileged())
    assert (strict.policy, lax.policy.name) == (policy, "privileged")
    fits = a_pod(containers=[a_container(readOnlyRootFilesystem=True, runAsNonRoot=True)])
    mutates = a_pod(containers=[a_container()])
    refused = a_pod(containers=[a_container(runAsUser=0), a_container()])
    told = [(Answers(pod).to(strict), Answers(pod).to(lax)) for pod in (fits, mutates, refused)]
    assert told == [("fits", "fits"), ("mutates", "fits"), ("refuses", "fits")]
    assert {asked.answer(fits) for asked in strict.asked} == {"fits"}
    answers = Answers(mutates)
    assert answers.to(strict) == "mutates"
    assert answers.written(strict) == strict.default(mutates)
    assert answers.reasons(strict) == ()
    assert [found.path for found in Answers(refused).reasons(strict)] == [
        "spec.containers[0].securityContext.runAsUser",
    ]


def test_equal_pods_have_equal_answers() -> None:
    """Whatever was asked of them."""
    assert Answers(a_pod()) == Answers(a_pod())
    assert Answers(a_pod()) != Answers(a_pod(hostPID=True))
    assert Answers(a_pod()) != a_pod()


def test_only_controls_with_something_to_say_are_asked() -> None:
    """A policy that allows everything leaves the controls that always ask."""
    made = Prepared.of(presets.privileged())
    assert [question.control.id for question in made.questions] == [
        "seccomp",
        "sysctls",
        "proc_mount",
        "host_ports",
    ]
    assert (made.name, made.faults) == ("privileged", ())


def test_equal_questions_are_one() -> None:
    """Policies that ask the same share the question; those that ask something else do not."""
    first, same = (Prepared.of(a_policy(name, volumes=["secret"])) for name in "ab")
    other = Prepared.of(a_policy("c", volumes=["emptyDir"]))
    assert all(one is two for one, two in zip(first.questions, same.questions, strict=True))
    shared = [one.control.id for one, two in zip(first.questions, other.questions, strict=True) if one is not two]
    assert shared == ["volumes"]


def test_defaults_are_written_one_after_the_other() -> None:
    """Every control writes into the pod that the one before has written into."""
    made = Prepared.of(a_policy(readOnlyRootFilesystem=True, allowPrivilegeEscalation=False))
    written = made.default(a_pod())
    assert written == a_pod(containers=[a_container(readOnlyRootFilesystem=True, allowPrivilegeEscalation=False)])
    assert made.default(written) is written
    assert list(made.judge(written)) == []


def test_reasons_come_in_the_plugins_order() -> None:
    """What the pod does stands before what its volumes and containers are."""
    pod = a_pod(hostPID=True, volumes=[{"name": "v"}], containers=[a_container(privileged=True, runAsUser=0)])
    policy = a_policy(readOnlyRootFilesystem=True, runAsUser={"rule": "MustRunAsNonRoot"})
    assert [reason.path for reason in Prepared.of(policy).judge(pod)] == [
        "spec.securityContext.hostPID",
        "spec.volumes[0]",
        "spec.containers[0].securityContext.runAsUser",
        "spec.containers[0].securityContext.privileged",
        "spec.containers[0].securityContext.readOnlyRootFilesystem",
    ]


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        pytest.param({"runAsUser": _WITHOUT_RANGES}, ["spec.runAsUser.ranges"], id="users"),
        pytest.param({"fsGroup": {"rule": "MayRunAs"}}, ["spec.fsGroup.ranges"], id="the volumes' group"),
        pytest.param({"supplementalGroups": _WITHOUT_RANGES}, ["spec.supplementalGroups.ranges"], id="groups"),
        pytest.param({"seLinux": {"rule": "MustRunAs"}}, ["spec.seLinux.seLinuxOptions"], id="a label"),
        pytest.param(
            {"runAsUser": _WITHOUT_RANGES, "fsGroup": _WITHOUT_RANGES},
            ["spec.runAsUser.ranges", "spec.fsGroup.ranges"],
            id="two of them",
        ),
    ],
)
def test_a_policy_that_cannot_be_built(spec: dict[str, Any], paths: list[str]) -> None:
    """A strategy without what it needs is named, and no control is asked."""
    made = Prepared.of(a_policy(**spec))
    assert [fault.path for fault in made.faults] == paths
    assert made.questions == ()

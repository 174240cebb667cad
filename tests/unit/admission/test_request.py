"""What a step tells of a policy that was tried."""

from __future__ import annotations

from pulumi_pod_security.admission.prepared import Answers, Prepared
from pulumi_pod_security.admission.request import Step
from tests.unit.support.controls import a_container, a_pod, a_policy

_POLICY = Prepared.of(a_policy("narrow", readOnlyRootFilesystem=True))


def test_a_step_works_out_what_its_policy_would_do() -> None:
    """The pod with the policy's defaults, and what would be against it then, even where the policy may not be used."""
    step = Step(
        prepared=_POLICY, outcome="may not be used", answers=Answers(a_pod(containers=[a_container(privileged=True)]))
    )
    assert step.policy == "narrow"
    assert step.pod == a_pod(containers=[a_container(privileged=True, readOnlyRootFilesystem=True)])
    assert [reason.path for reason in step.reasons] == ["spec.containers[0].securityContext.privileged"]


def test_a_policy_that_cannot_be_built_has_nothing_to_say() -> None:
    """Such a policy neither writes nor gives a reason."""
    broken = Prepared.of(a_policy("broken", fsGroup={"rule": "MustRunAs"}))
    step = Step(prepared=broken, outcome="cannot be built", answers=Answers(a_pod(hostPID=True)))
    assert step.pod is step.given
    assert step.reasons == ()

"""What an update of a pod is asked, and what it is not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.prepared import Prepared
from pulumi_pod_security.admission.request import Request, Verdict
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.support.controls import a_container, a_pod, a_policy

_JANE = Identity(user="jane")
_WIDE_A, _WIDE_B, _WIDE_C = (a_policy(name, privileged=True) for name in "abc")
_NARROW_A = a_policy("a")
_WRITING_A = a_policy("a", readOnlyRootFilesystem=True)


def _updated(new: Pod, old: Pod | None, *policies: PodSecurityPolicy) -> Verdict:
    request = Request(operation="UPDATE", pod=new, old=old, namespace="shop", user=_JANE)
    return choose(request, [Prepared.of(policy) for policy in policies], lambda *_: True)


def _privileged(psp: str | None = None, **annotations: str) -> Pod:
    hint = {"kubernetes.io/psp": psp} if psp else {}
    return a_pod(annotations={**hint, **annotations}, containers=[a_container(privileged=True)])


@pytest.mark.parametrize(
    ("hint", "chosen", "tried"),
    [
        pytest.param("b", "b", ["b"], id="the policy it was created with"),
        pytest.param(None, "a", ["a"], id="no policy on record"),
        pytest.param("gone", "a", ["a"], id="a policy that is gone"),
    ],
)
def test_the_policy_of_old_comes_first(hint: str | None, chosen: str, tried: list[str]) -> None:
    """The annotation of the new pod says which policy is tried first; the others follow by name."""
    verdict = _updated(_privileged(hint, new="yes"), _privileged("c"), _WIDE_C, _WIDE_B, _WIDE_A)
    assert (verdict.policy, [step.policy for step in verdict.steps]) == (chosen, tried)


def test_the_others_follow_by_name() -> None:
    """A policy of old that no longer admits the pod gives way to the first by name that does."""
    verdict = _updated(_privileged("b", new="yes"), _privileged("b"), _WIDE_C, a_policy("b"), _WRITING_A)
    assert [(step.policy, step.outcome) for step in verdict.steps] == [
        ("b", "refuses"),
        ("a", "refuses"),
        ("c", "chosen"),
    ]


def test_nothing_is_written() -> None:
    """A policy that would write is passed over without a reason, and an admitted pod is as it was given."""
    new = a_pod(annotations={"new": "yes"})
    refused = _updated(new, a_pod(), _WRITING_A)
    assert (refused.admitted, refused.reasons, refused.pod) == (False, (), new)
    assert [step.outcome for step in refused.steps] == ["mutates"]
    assert refused.message == 'pods "tried" is forbidden: PodSecurityPolicy: unable to validate pod: []'
    admitted = _updated(new, a_pod(), _WRITING_A, _WIDE_B)
    assert (admitted.policy, admitted.pod, admitted.operation) == ("b", new, "UPDATE")


def test_no_image_is_an_empty_one() -> None:
    """A field that is left out and one that says nothing are no update."""
    bare, empty = (a_pod(containers=[a_container(image=image)]) for image in (None, ""))
    assert _updated(bare, empty, _NARROW_A).steps == ()


def test_a_refusal_names_its_phase() -> None:
    """An update is refused for what the pod is, not for what it becomes."""
    verdict = _updated(_privileged(new="yes"), _privileged(), _NARROW_A)
    assert verdict.message == (
        'pods "tried" is forbidden: PodSecurityPolicy: unable to validate pod: '
        "[spec.containers[0].securityContext.privileged: Invalid value: true: Privileged containers are not allowed]"
    )


def test_ephemeral_containers_count_from_the_next_update() -> None:
    """A debugging container that was added past the plugin is judged with the rest when the pod changes."""
    debugger = [a_container("debugger", privileged=True)]
    new = a_pod(annotations={"new": "yes"}, ephemeralContainers=debugger)
    verdict = _updated(new, a_pod(ephemeralContainers=debugger), _NARROW_A)
    assert [reason.path for reason in verdict.reasons] == ["spec.ephemeralContainers[0].securityContext.privileged"]


def _pod(metadata: dict[str, Any] | None = None, spec: dict[str, Any] | None = None) -> Pod:
    containers = [a_container(privileged=True)]
    return msgspec.convert(
        {"metadata": {"name": "tried", **(metadata or {})}, "spec": {"containers": containers, **(spec or {})}}, Pod
    )


@pytest.mark.parametrize(
    ("new", "old"),
    [
        pytest.param(_pod(), _pod(), id="nothing"),
        pytest.param(_pod({"labels": {}, "annotations": None}), _pod({"annotations": {}}), id="an empty map"),
        pytest.param(_pod(spec={"tolerations": []}), _pod(), id="an empty list"),
        pytest.param(_pod({"generateName": ""}), _pod(), id="an empty name"),
        pytest.param(
            _pod(spec={"containers": [{**a_container(privileged=True), "image": ""}]}), _pod(), id="an empty image"
        ),
        pytest.param(
            _pod(spec={"tolerations": [{"key": "a", "operator": ""}]}),
            _pod(spec={"tolerations": [{"key": "a", "effect": None}]}),
            id="an empty value",
        ),
        pytest.param(_pod(), _pod(spec={"terminationGracePeriodSeconds": 30}), id="a default"),
    ],
)
def test_an_update_that_changes_nothing_is_not_looked_at(new: Pod, old: Pod) -> None:
    """Owners and finalizers may change, which is how the garbage collector works; a `Pod` does not have them."""
    assert _updated(new, old, _NARROW_A) == Verdict(admitted=True, policy=None, pod=new)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(_pod({"labels": {"a": "b"}}), id="a label"),
        pytest.param(_pod({"annotations": {"a": "b"}}), id="an annotation"),
        pytest.param(_pod({"generateName": "a-"}), id="the name to generate"),
        pytest.param(_pod(spec={"containers": [{**a_container(privileged=True), "image": "other"}]}), id="an image"),
        pytest.param(_pod(spec={"activeDeadlineSeconds": 5}), id="a deadline"),
        pytest.param(_pod(spec={"terminationGracePeriodSeconds": 1}), id="a grace period"),
        pytest.param(_pod(spec={"tolerations": [{"operator": "Exists"}]}), id="a toleration"),
    ],
)
def test_every_other_update_is_judged(new: Pod) -> None:
    """What the API server lets an update change makes the whole pod be judged again."""
    assert not _updated(new, _pod(), _NARROW_A).admitted


def test_an_update_without_the_old_pod_is_judged() -> None:
    """What cannot be compared counts as changed."""
    assert not _updated(_pod(), None, _NARROW_A).admitted

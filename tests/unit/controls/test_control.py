"""The three ways to write a control: what becomes of its faces."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.controls.cel import Clauses, Refused
from pulumi_pod_security.controls.control import Control, of_containers, of_pods, of_security, unchanged
from pulumi_pod_security.controls.pod import Container, Pod, PodSecurityContext, PodSpec, SecurityContext
from pulumi_pod_security.controls.reason import Reason, Reasons, invalid
from pulumi_pod_security.policy import presets

FIELDS = ("a", "b")
ASKED = 7
PRIVILEGED = presets.privileged()


def settings(policy: object) -> int:
    """What is asked, whatever the policy."""
    assert policy is PRIVILEGED
    return ASKED


def reason(place: str) -> Reason:
    """A reason with a path of its own."""
    return invalid(place, "0", "no")


def judge_pod(asked: int, found: Pod) -> Reasons:
    """Refuses host PIDs."""
    assert asked == ASKED
    return (reason("pod"),) if found.spec and found.spec.host_pid else ()


def default_pod(asked: int, found: Pod) -> Pod:
    """Writes into pods that share the host's network."""
    assert asked == ASKED
    return pod(host_ipc=True) if found.spec and found.spec.host_network else found


def judge_context(asked: int, own: PodSecurityContext) -> Reasons:
    """Refuses the user 0."""
    assert asked == ASKED
    return (reason("context"),) if own.run_as_user == 0 else ()


def default_context(asked: int, own: PodSecurityContext) -> PodSecurityContext:
    """Gives the user 1 where none is named."""
    assert asked == ASKED
    return PodSecurityContext(run_as_user=1) if own.run_as_user is None else own


def judge_container(asked: int, own: SecurityContext, beside: PodSecurityContext, place: str) -> Reasons:
    """Refuses the user of the pod."""
    assert asked == ASKED
    return (reason(place),) if own.run_as_user == beside.run_as_user else ()


def default_container(asked: int, own: SecurityContext, beside: PodSecurityContext) -> SecurityContext:
    """Gives the user after the pod's where none is named."""
    assert asked == ASKED
    return SecurityContext(run_as_user=(beside.run_as_user or 0) + 1) if own.run_as_user is None else own


def pod(*users: int | None, context: PodSecurityContext | None = None, **fields: Any) -> Pod:
    """A pod with a container for each user."""
    containers = tuple(
        Container(name=f"c{number}", security_context=None if user is None else SecurityContext(run_as_user=user))
        for number, user in enumerate(users)
    )
    return Pod(spec=PodSpec(containers=containers, security_context=context, **fields))


def cel(_asked: int) -> Clauses:
    """What an admission policy is told, which nothing here reads."""
    return (Refused(part="pod", when="true", says=""),)


def paths(control: Control[int], found: Pod) -> list[str]:
    """Where the control has something against the pod."""
    return [told.path for told in control.judge(ASKED, found)]


@pytest.mark.parametrize("default", [True, False], ids=["writes", "only-judges"])
@pytest.mark.parametrize(
    ("make", "judge", "default_", "part"),
    [
        (of_pods, judge_pod, default_pod, "pod"),
        (of_security, judge_context, default_context, "security"),
        (of_containers, judge_container, default_container, "container"),
    ],
)
def test_what_is_said_of_a_control_is_kept(make: Any, judge: Any, default_: Any, part: str, default: bool) -> None:  # noqa: FBT001
    """Its name, its fields and what it asks; one that writes nothing is told by its default."""
    made = make(
        "x", psp_fields=FIELDS, settings=settings, judge=judge, cel=cel, **({"default": default_} if default else {})
    )
    assert (made.id, made.psp_fields, made.part) == ("x", FIELDS, part)
    assert made.settings(PRIVILEGED) == ASKED
    assert (made.default is unchanged) is not default
    assert made.cel is cel


def test_one_that_writes_nothing_gives_back_what_it_got() -> None:
    """Whatever stands beside it."""
    own = pod()
    assert unchanged(ASKED, own) is own
    assert unchanged(ASKED, own, "beside", "and more") is own


def test_a_control_of_pods() -> None:
    """Its faces are the control's own; in short the pod is judged with what is written."""
    control = of_pods("x", psp_fields=FIELDS, settings=settings, judge=judge_pod, cel=cel, default=default_pod)
    fine, written, refused = pod(), pod(host_network=True), pod(host_pid=True)
    assert [control.answer(ASKED, each) for each in (fine, written, refused)] == ["fits", "mutates", "refuses"]
    assert [paths(control, each) for each in (fine, written, refused)] == [[], [], ["pod"]]
    assert control.default(ASKED, fine) is fine
    assert control.default(ASKED, written) == pod(host_ipc=True)
    plain = of_pods("x", psp_fields=FIELDS, settings=settings, judge=judge_pod, cel=cel)
    assert [plain.answer(ASKED, each) for each in (fine, written, refused)] == ["fits", "fits", "refuses"]


def test_a_control_of_pods_judges_what_is_written() -> None:
    """A pod that is refused as it stands may fit with the default."""

    def mended(_asked: int, _found: Pod) -> Pod:
        return pod()

    control = of_pods("x", psp_fields=FIELDS, settings=settings, judge=judge_pod, cel=cel, default=mended)
    assert control.answer(ASKED, pod(host_pid=True)) == "mutates"


def test_a_control_of_security_contexts() -> None:
    """A pod without one has an empty one, which is written only where the default says something."""
    control = of_security(
        "x", psp_fields=FIELDS, settings=settings, judge=judge_context, cel=cel, default=default_context
    )
    named, root, none = (PodSecurityContext(run_as_user=user) for user in (5, 0, None))
    assert [control.answer(ASKED, each) for each in (named, root, none)] == ["fits", "refuses", "mutates"]
    assert [paths(control, pod(context=each)) for each in (named, root, none, None)] == [[], ["context"], [], []]
    kept = pod(context=named)
    assert control.default(ASKED, kept) is kept
    assert control.default(ASKED, pod(context=None)) == pod(context=PodSecurityContext(run_as_user=1))
    plain = of_security("x", psp_fields=FIELDS, settings=settings, judge=judge_context, cel=cel)
    assert [plain.answer(ASKED, each) for each in (named, root, none)] == ["fits", "refuses", "fits"]


def test_a_control_of_containers() -> None:
    """Each is judged at its place, beside the pod's own context."""
    control = of_containers(
        "x", psp_fields=FIELDS, settings=settings, judge=judge_container, cel=cel, default=default_container
    )
    beside = PodSecurityContext(run_as_user=5)
    other, same, none = (SecurityContext(run_as_user=user) for user in (6, 5, None))
    assert [control.answer(ASKED, each, beside) for each in (other, same, none)] == ["fits", "refuses", "mutates"]
    assert paths(control, pod(6, 5, None, 5, context=beside)) == [
        "spec.containers[1]",
        "spec.containers[3]",
    ]
    kept = pod(6, 5, context=beside)
    assert control.default(ASKED, kept) is kept
    assert control.default(ASKED, pod(5, None, context=beside)) == pod(5, 6, context=beside)
    plain = of_containers("x", psp_fields=FIELDS, settings=settings, judge=judge_container, cel=cel)
    assert [plain.answer(ASKED, each, beside) for each in (other, same, none)] == ["fits", "refuses", "fits"]


def test_no_place_is_named_in_short() -> None:
    """There nobody asks for words."""
    places: list[str] = []

    def judge(_asked: int, _own: SecurityContext, _beside: PodSecurityContext, place: str) -> Reasons:
        places.append(place)
        return ()

    control = of_containers("x", psp_fields=FIELDS, settings=settings, judge=judge, cel=cel)
    assert control.answer(ASKED, SecurityContext(), PodSecurityContext()) == "fits"
    assert places == [""]

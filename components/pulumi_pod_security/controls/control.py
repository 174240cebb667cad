"""What every control is: the fields of a policy it owns, what it writes into a pod, and what it refuses in one.

A control has all its faces in one module, called like the control. It judges a pod as the plugin does after all
defaults are written; nothing here knows of users, names or the order of policies. Faces are written for the part of a
pod that counts: the whole of it, its security context, or that of one container together with the pod's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Generic, Literal, TypeVar

from msgspec.structs import replace

from pulumi_pod_security.controls.cel import Clauses
from pulumi_pod_security.controls.pod import (
    Container,
    Pod,
    PodSecurityContext,
    SecurityContext,
    containers,
    pod_security,
    security,
    with_containers,
    with_security_context,
)
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Answer", "Control", "Part", "of_containers", "of_pods", "of_security", "unchanged"]

S = TypeVar("S")
T = TypeVar("T")

Answer = Literal["fits", "mutates", "refuses"]
"""What becomes of a pod: nothing, or it is written into and fits then, or it does not fit even so."""

Part = Literal["pod", "security", "container"]
"""What of a pod counts: all of it, its security context, or that of each container by itself beside the pod's."""


def unchanged(_settings: object, own: T, *_beside: object) -> T:
    """The default of a control that writes nothing."""
    return own


@dataclass(frozen=True, kw_only=True)
class Control(Generic[S]):
    """One concern of a policy.

    Args:
        id: The name of its module.
        psp_fields: The fields of a policy's spec and the annotations it owns, spelled as in a manifest.
        settings: What the policy asks, worked out once; None when it asks nothing.
        judge: Every reason to refuse the pod.
        default: The pod with what the policy writes into it; the same object when that is nothing.
        cel: The two faces as clauses of an admission policy.
        part: What of a pod counts.
        answer: The two faces in short, for that part without the defaults.
    """

    id: str
    psp_fields: tuple[str, ...]
    settings: Callable[[PodSecurityPolicy], S | None]
    judge: Callable[[S, Pod], Reasons]
    default: Callable[[S, Pod], Pod]
    cel: Callable[[S], Clauses]
    part: Part
    answer: Callable[..., Answer]


def of_pods(
    name: str,
    *,
    psp_fields: tuple[str, ...],
    settings: Callable[[PodSecurityPolicy], S | None],
    judge: Callable[[S, Pod], Reasons],
    cel: Callable[[S], Clauses],
    default: Callable[[S, Pod], Pod] = unchanged,
) -> Control[S]:
    """The control of that name whose faces are written for a pod."""
    return Control(
        id=name,
        psp_fields=psp_fields,
        settings=settings,
        judge=judge,
        default=default,
        cel=cel,
        part="pod",
        answer=_in_short(judge, default),
    )


def of_security(
    name: str,
    *,
    psp_fields: tuple[str, ...],
    settings: Callable[[PodSecurityPolicy], S | None],
    judge: Callable[[S, PodSecurityContext], Reasons],
    cel: Callable[[S], Clauses],
    default: Callable[[S, PodSecurityContext], PodSecurityContext] = unchanged,
) -> Control[S]:
    """The control of that name whose faces are written for the security context of a pod."""

    def judge_pod(asked: S, pod: Pod) -> Reasons:
        return judge(asked, pod_security(pod))

    def default_pod(asked: S, pod: Pod) -> Pod:
        own = pod_security(pod)
        written = default(asked, own)
        return pod if written is own else with_security_context(pod, written)

    return Control(
        id=name,
        psp_fields=psp_fields,
        settings=settings,
        judge=judge_pod,
        default=unchanged if default is unchanged else default_pod,
        cel=cel,
        part="security",
        answer=_in_short(judge, default),
    )


def of_containers(
    name: str,
    *,
    psp_fields: tuple[str, ...],
    settings: Callable[[PodSecurityPolicy], S | None],
    judge: Callable[[S, SecurityContext, PodSecurityContext, str], Reasons],
    cel: Callable[[S], Clauses],
    default: Callable[[S, SecurityContext, PodSecurityContext], SecurityContext] = unchanged,
) -> Control[S]:
    """The control of that name whose faces are written for a container: its own context, the pod's, and its place."""

    def judge_pod(asked: S, pod: Pod) -> Reasons:
        inherited = pod_security(pod)
        found = (judge(asked, security(container), inherited, place) for place, container in containers(pod))
        return tuple(chain.from_iterable(found))

    def default_container(asked: S, inherited: PodSecurityContext, container: Container) -> Container:
        own = security(container)
        written = default(asked, own, inherited)
        return container if written is own else replace(container, security_context=written)

    def default_pod(asked: S, pod: Pod) -> Pod:
        return with_containers(pod, partial(default_container, asked, pod_security(pod)))

    # The place is for words, which nobody asks for in short.
    nowhere = ""
    return Control(
        id=name,
        psp_fields=psp_fields,
        settings=settings,
        judge=judge_pod,
        default=unchanged if default is unchanged else default_pod,
        cel=cel,
        part="container",
        answer=_in_short(judge, default, nowhere),
    )


def _in_short(judge: Callable[..., Reasons], default: Callable[..., T], *place: str) -> Callable[..., Answer]:
    """Both faces in short, for the part that they are written for and what stands beside it."""

    def answer(asked: object, own: T, *beside: object) -> Answer:
        written = default(asked, own, *beside)
        if judge(asked, written, *beside, *place):
            return "refuses"
        return "fits" if written is own else "mutates"

    return answer

"""What every control is: the fields of a policy it owns, what it writes into a pod, and what it refuses in one.

A control has all its faces in one module, called like the control. It judges a pod as the plugin does after all
defaults are written; nothing here knows of users, names or the order of policies. Faces are written for a whole pod or,
where nothing else counts, for the security context of one container and what it inherits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from msgspec.structs import replace

from pulumi_pod_security.controls.pod import (
    NO_SECURITY,
    Container,
    Pod,
    PodSecurityContext,
    SecurityContext,
    containers,
    each_container,
    pod_security,
    security,
    with_containers,
)
from pulumi_pod_security.controls.reason import Reasons
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["Answer", "Control", "of_containers", "of_pods", "unchanged"]

S = TypeVar("S")

Answer = Literal["fits", "mutates", "refuses"]
"""What becomes of a pod: nothing, or it is written into and fits then, or it does not fit even so."""


def unchanged(_settings: object, pod: Pod) -> Pod:
    """The default of a control that writes nothing."""
    return pod


@dataclass(frozen=True, kw_only=True)
class Control(Generic[S]):
    """One concern of a policy.

    Args:
        id: The name of its module.
        psp_fields: The fields of a policy's spec and the annotations it owns, spelled as in a manifest.
        settings: What the policy asks, worked out once; None when it asks nothing.
        judge: Every reason to refuse the pod.
        default: The pod with what the policy writes into it; the same object when that is nothing.
        answer: The two in short, for a pod without the defaults.
    """

    id: str
    psp_fields: tuple[str, ...]
    settings: Callable[[PodSecurityPolicy], S | None]
    judge: Callable[[S, Pod], Reasons]
    default: Callable[[S, Pod], Pod]
    answer: Callable[[S, Pod], Answer]


def of_pods(
    name: str,
    *,
    psp_fields: tuple[str, ...],
    settings: Callable[[PodSecurityPolicy], S | None],
    judge: Callable[[S, Pod], Reasons],
    default: Callable[[S, Pod], Pod] = unchanged,
) -> Control[S]:
    """The control of that name whose faces are written for a pod."""

    def answer(asked: S, pod: Pod) -> Answer:
        written = default(asked, pod)
        if judge(asked, written):
            return "refuses"
        return "fits" if written is pod else "mutates"

    def answer_as_it_is(asked: S, pod: Pod) -> Answer:
        return "refuses" if judge(asked, pod) else "fits"

    return Control(
        id=name,
        psp_fields=psp_fields,
        settings=settings,
        judge=judge,
        default=default,
        answer=answer_as_it_is if default is unchanged else answer,
    )


def of_containers(
    name: str,
    *,
    psp_fields: tuple[str, ...],
    settings: Callable[[PodSecurityPolicy], S | None],
    judge: Callable[[S, SecurityContext, PodSecurityContext, str], Reasons],
    default: Callable[[S, SecurityContext, PodSecurityContext], SecurityContext] | None = None,
) -> Control[S]:
    """The control of that name whose faces are written for a container: its own context, the pod's, and its place."""

    def answer(asked: S, pod: Pod) -> Answer:
        inherited, outcome = pod_security(pod), _FITS
        for container in each_container(pod):
            own = container.security_context or NO_SECURITY
            written = default(asked, own, inherited) if default else own
            # The place is for words, which nobody asks for here.
            if judge(asked, written, inherited, ""):
                return "refuses"
            if written is not own:
                outcome = _MUTATES
        return outcome

    def judge_all(asked: S, pod: Pod) -> Reasons:
        inherited, reasons = pod_security(pod), _NONE
        for place, container in containers(pod):
            reasons += judge(asked, security(container), inherited, place)
        return reasons

    return Control(
        id=name,
        psp_fields=psp_fields,
        settings=settings,
        judge=judge_all,
        default=_filling(default) if default else unchanged,
        answer=answer,
    )


def _filling(
    default: Callable[[S, SecurityContext, PodSecurityContext], SecurityContext],
) -> Callable[[S, Pod], Pod]:
    def default_all(asked: S, pod: Pod) -> Pod:
        inherited = pod_security(pod)

        def filled(container: Container) -> Container:
            own = security(container)
            written = default(asked, own, inherited)
            return container if written is own else replace(container, security_context=written)

        return with_containers(pod, filled)

    return default_all


_FITS: Answer = "fits"
_MUTATES: Answer = "mutates"
_NONE: Reasons = ()

"""Seccomp profiles: none, the policy's own, the well-known ones and one of no name; as fields and as annotations.

A policy with a list takes no profile of the node that is not in it, and one without takes all: another such profile as
a field tells each policy with a list from the standards, which take all of them. What the policy alone admits is a pod
with no profile, one that only an annotation names, or `Unconfined` as a field, be it beside an annotation.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import seccomp
from pulumi_pod_security.controls.comparison.changing import Change, container_security, security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use, fresh
from pulumi_pod_security.controls.pod import Pod, SeccompProfile, each_container, with_annotation, with_annotations
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_BESIDE = "seccomp's Unconfined as a field beside an annotation"
_KNOWN = ("runtime/default", "docker/default", "unconfined")


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """Profiles of the pod, which its containers inherit."""
    listed = [name for name in policy.seccomp.allowed or () if name not in ("", "*")]
    other = fresh("localhost/another", listed)
    yield Use(what="pods without a seccomp profile", change=_field(None))
    for name in dict.fromkeys((*_KNOWN, *listed, other)):
        if profile := _profile(name):
            yield Use(what="seccomp profiles by field", example=name, change=_field(profile))
        yield Use(what="seccomp profiles by annotation", example=name, change=_annotation(name))
        yield Use(what=_BESIDE, example=name, change=_both(name), is_odd=True)


def _profile(name: str) -> SeccompProfile | None:
    """The profile as a field has it; none for a name that only an annotation can have."""
    local = name.removeprefix("localhost/")
    if local != name:
        return SeccompProfile(type="Localhost", localhost_profile=local) if local else None
    return {
        "runtime/default": SeccompProfile(type="RuntimeDefault"),
        "unconfined": SeccompProfile(type="Unconfined"),
    }.get(name)


def _field(profile: SeccompProfile | None) -> Change:
    for_pod, for_containers = security_of_pod(seccomp_profile=profile), container_security(seccomp_profile=None)
    return lambda pod: for_pod(for_containers(pod))


def _annotation(name: str) -> Change:
    def change(pod: Pod) -> Pod:
        return with_annotation(_field(None)(pod), seccomp.POD_KEY, name)

    return change


def _both(name: str) -> Change:
    """A pod without a profile, by its field, and with one by the annotations that a policy reads first."""

    def change(pod: Pod) -> Pod:
        given = {seccomp.POD_KEY: name}
        given |= {seccomp.CONTAINER_PREFIX + container.name: name for container in each_container(pod)}
        return with_annotations(_field(SeccompProfile(type="Unconfined"))(pod), given)

    return change


CONCERN = Concern(id="seccomp", controls=(seccomp.CONTROL,), checks=seccomp.CHECKS, uses=uses)

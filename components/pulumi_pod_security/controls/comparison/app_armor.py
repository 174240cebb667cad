"""AppArmor profiles: none, the policy's own, the well-known ones and one that nobody names; and one as a field.

A policy reads annotations, and its list takes no profile of the node but those in it, while the standards take all. The
field of Kubernetes 1.30 is read by no policy: a pod may say one thing there and another by its annotation.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import app_armor
from pulumi_pod_security.controls.comparison.changing import Change, security_of_pod
from pulumi_pod_security.controls.comparison.concern import Concern, Use, fresh
from pulumi_pod_security.controls.pod import AppArmorProfile, Pod, each_container, with_annotations
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_KNOWN = ("runtime/default", "unconfined")
_BESIDE = "AppArmor's Unconfined as a field beside an annotation"
_unconfined = security_of_pod(app_armor_profile=AppArmorProfile(type="Unconfined"))


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """Profiles of every container, and beside each the field."""
    listed = [name for name in policy.apparmor.allowed or () if name]
    other = fresh("localhost/another", listed)
    yield Use(what="containers without an AppArmor profile", change=lambda pod: pod)
    yield Use(what="AppArmor's Unconfined as a field", change=_unconfined, is_odd=True)
    for name in dict.fromkeys((*_KNOWN, *listed, other)):
        yield Use(what="AppArmor profiles", example=name, change=_annotation(name))
        yield Use(what=_BESIDE, example=name, change=_both(name), is_odd=True)


def _annotation(name: str) -> Change:
    def change(pod: Pod) -> Pod:
        return with_annotations(
            pod, {app_armor.CONTAINER_PREFIX + container.name: name for container in each_container(pod)}
        )

    return change


def _both(name: str) -> Change:
    return lambda pod: _unconfined(_annotation(name)(pod))


CONCERN = Concern(id="app_armor", controls=(app_armor.CONTROL,), checks=app_armor.CHECKS, uses=uses)

"""What a container has or has not: privileged mode, privilege escalation, a root filesystem to write, a bare /proc."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pulumi_pod_security.controls import privilege_escalation, privileged, proc_mount, read_only_root_filesystem
from pulumi_pod_security.controls.comparison.changing import container_security, pod_spec
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERNS"]


def _unmasked_for_its_own_users(pod: Pod) -> Pod:
    return pod_spec(host_users=False)(container_security(proc_mount="Unmasked")(pod))


_PRIVILEGED = (Use(what="privileged containers", change=container_security(privileged=True)),)
_ESCALATION = (
    Use(
        what="containers that say nothing of privilege escalation",
        change=container_security(allow_privilege_escalation=None),
    ),
    Use(
        what="containers that may escalate their privileges",
        change=container_security(allow_privilege_escalation=True),
    ),
)
_ROOT = (
    Use(
        what="containers that say nothing of their root filesystem",
        change=container_security(read_only_root_filesystem=None),
    ),
    Use(what="root filesystems that may be written", change=container_security(read_only_root_filesystem=False)),
)
_PROC = (
    Use(what="/proc unmasked", change=container_security(proc_mount="Unmasked")),
    Use(what="/proc unmasked in a pod with users of its own", change=_unmasked_for_its_own_users),
)


def _always(found: tuple[Use, ...]) -> Callable[[PodSecurityPolicy], Iterator[Use]]:
    return lambda _policy: iter(found)


CONCERNS = (
    Concern(id="privileged", controls=(privileged.CONTROL,), checks=privileged.CHECKS, uses=_always(_PRIVILEGED)),
    Concern(
        id="privilege_escalation",
        controls=(privilege_escalation.CONTROL,),
        checks=privilege_escalation.CHECKS,
        uses=_always(_ESCALATION),
    ),
    Concern(
        id="read_only_root_filesystem",
        controls=(read_only_root_filesystem.CONTROL,),
        checks=(),
        uses=_always(_ROOT),
    ),
    Concern(id="proc_mount", controls=(proc_mount.CONTROL,), checks=proc_mount.CHECKS, uses=_always(_PROC)),
)

"""Capabilities: each of Linux, each that the policy names, and one of no name; added alone, and with ALL dropped.

What is added is refused or not one by one. What a policy asks to be dropped it writes itself, and refuses
nothing for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import capabilities
from pulumi_pod_security.controls.comparison.changing import Change, container_security
from pulumi_pod_security.controls.comparison.concern import Concern, Use, fresh
from pulumi_pod_security.controls.pod import Capabilities
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_LINUX = (
    *("AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN"),
    *("DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE"),
    *("LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST"),
    *("NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT"),
    *("SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME"),
    *("SYS_TTY_CONFIG", "WAKE_ALARM", "ALL"),
)


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """What may be added, and dropping or not."""
    spec = policy.spec
    named = [*(spec.default_add_capabilities or ()), *(spec.allowed_capabilities or ())]
    yield Use(what="containers that do not drop ALL capabilities", change=_of(Capabilities()))
    yield Use(what="containers that drop ALL capabilities", change=_of(Capabilities(drop=("ALL",))))
    for name in dict.fromkeys((*_LINUX, *named, fresh("ANOTHER", named))):
        yield Use(what="added capabilities", example=name, change=_of(Capabilities(add=(name,))))
        dropping = Capabilities(add=(name,), drop=("ALL",))
        yield Use(what="added capabilities with ALL others dropped", example=name, change=_of(dropping))


def _of(found: Capabilities) -> Change:
    return container_security(capabilities=found)


CONCERN = Concern(id="capabilities", controls=(capabilities.CONTROL,), checks=capabilities.CHECKS, uses=uses)

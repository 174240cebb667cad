"""The node's network, process and IPC namespaces are refused unless the policy allows each.

Policy: `hostNetwork`, `hostPID`, `hostIPC`, false when left out. Pod: the same fields of its spec; the plugin names
them below `spec.securityContext`, where Kubernetes keeps them internally.

Standards: baseline refuses all three.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17;
policy/check_hostNamespaces.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from dataclasses import dataclass

from pulumi_pod_security.controls.cel import Clauses, Refused
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.pod import Pod
from pulumi_pod_security.controls.reason import Reasons, invalid
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Which of the namespaces may be used."""

    network: bool
    pid: bool
    ipc: bool


def settings(policy: PodSecurityPolicy) -> Settings | None:
    """Nothing is asked when all three may be used."""
    spec = policy.spec
    if spec.host_network and spec.host_pid and spec.host_ipc:
        return None
    return Settings(network=bool(spec.host_network), pid=bool(spec.host_pid), ipc=bool(spec.host_ipc))


def judge(settings: Settings, pod: Pod) -> Reasons:
    """Each namespace of the node that the pod uses and may not."""
    spec = pod.spec
    reasons: Reasons = ()
    if spec is None:
        return reasons
    if spec.host_network and not settings.network:
        reasons += (invalid("spec.securityContext.hostNetwork", "true", "Host network is not allowed to be used"),)
    if spec.host_pid and not settings.pid:
        reasons += (invalid("spec.securityContext.hostPID", "true", "Host PID is not allowed to be used"),)
    if spec.host_ipc and not settings.ipc:
        reasons += (invalid("spec.securityContext.hostIPC", "true", "Host IPC is not allowed to be used"),)
    return reasons


def cel(settings: Settings) -> Clauses:
    """Each namespace of the node that the pod uses and may not."""
    fields = {
        "hostNetwork": ("Host network is not allowed to be used", settings.network),
        "hostPID": ("Host PID is not allowed to be used", settings.pid),
        "hostIPC": ("Host IPC is not allowed to be used", settings.ipc),
    }
    return tuple(
        Refused(part="pod", when=f"object.spec.?{field}.orValue(false)", says=f"{field}: {detail}")
        for field, (detail, allowed) in fields.items()
        if not allowed
    )


CONTROL = of_pods(
    "host_namespaces", psp_fields=("hostNetwork", "hostPID", "hostIPC"), settings=settings, judge=judge, cel=cel
)


def refuse(pod: Pod) -> Refusal | None:
    """Each namespace of the node that the pod uses."""
    spec = pod.spec
    if spec is None:
        return None
    used = {"hostNetwork": spec.host_network, "hostPID": spec.host_pid, "hostIPC": spec.host_ipc}
    found = [f"{name}=true" for name, is_used in used.items() if is_used]
    return Refusal(reason="host namespaces", detail=", ".join(found)) if found else None


CHECKS = (Check(id="hostNamespaces", level="baseline", rules=(Rule(since=0, judge=refuse),)),)

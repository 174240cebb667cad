"""Host processes of Windows nodes are refused by the baseline level; no policy knows of them.

Pod: `windowsOptions.hostProcess` of the pod's security context and of every container's.

Upstream: policy/check_windowsHostProcess.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.naming import Context, setters
from pulumi_pod_security.controls.pod import Pod

__all__ = ["CHECKS"]


def refuse(pod: Pod) -> Refusal | None:
    """Whoever runs as a process of the node."""
    found = setters(pod, _is_host_process)
    if not found:
        return None
    detail = f"{' and '.join(found)} must not set securityContext.windowsOptions.hostProcess=true"
    return Refusal(reason="hostProcess", detail=detail)


def _is_host_process(own: Context) -> bool:
    return own.windows_options is not None and own.windows_options.host_process is True


CHECKS = (Check(id="windowsHostProcess", level="baseline", rules=(Rule(since=0, judge=refuse),)),)

"""Probes and lifecycle hooks that call another host are refused by the baseline level; no policy knows of them.

Pod: `httpGet.host` and `tcpSocket.host` of every container's `livenessProbe`, `readinessProbe`, `startupProbe`,
`lifecycle.postStart` and `lifecycle.preStop`.

Upstream: policy/check_hostProbesAndhostLifecycle.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.handler import Handler, Lifecycle
from pulumi_pod_security.controls.naming import counted, names, users
from pulumi_pod_security.controls.pod import Container, Pod, each_container

__all__ = ["CHECKS"]

_NO_LIFECYCLE = Lifecycle()


def refuse(pod: Pod) -> Refusal | None:
    """Each host that is called."""
    called = {host for container in each_container(pod) for host in _hosts(container)}
    if not called:
        return None
    # Unlike elsewhere, containers are named in the order of their names.
    callers = sorted(set(names(pod, lambda container: any(_hosts(container)))))
    hosts = counted("probe or lifecycle host", sorted(called))
    return Refusal(reason="probe or lifecycle host", detail=f"{users('container', callers)} {hosts}")


def _hosts(container: Container) -> Iterator[str]:
    for handler in _handlers(container):
        if handler is not None:
            for call in (handler.http_get, handler.tcp_socket):
                if call is not None and call.host:
                    yield call.host


def _handlers(container: Container) -> tuple[Handler | None, ...]:
    lifecycle = container.lifecycle or _NO_LIFECYCLE
    probes = (container.liveness_probe, container.readiness_probe, container.startup_probe)
    return (*probes, lifecycle.post_start, lifecycle.pre_stop)


CHECKS = (Check(id="hostProbesAndHostLifecycle", level="baseline", rules=(Rule(since=34, judge=refuse),)),)

"""Host ports outside the policy's ranges are refused.

Policy: `hostPorts`, none at all when left out. Pod: `ports[].hostPort` of every container, zero meaning none. On a pod
in the node's network the API server makes every container port a host port first.

Standards: baseline refuses every host port.

Upstream: pkg/security/podsecuritypolicy/provider.go, kubernetes v1.24.17;
policy/check_hostPorts.go, pod-security-admission v0.36.3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pulumi_pod_security.controls.cel import Clauses, Refused, within
from pulumi_pod_security.controls.check import Check, Refusal, Rule
from pulumi_pod_security.controls.control import of_pods
from pulumi_pod_security.controls.naming import names, plural, users
from pulumi_pod_security.controls.pod import Pod, containers, each_container
from pulumi_pod_security.controls.reason import Reason, Reasons, invalid
from pulumi_pod_security.policy.model import HostPortRange, PodSecurityPolicy

__all__ = ["CHECKS", "CONTROL", "Settings"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The ranges, and the words for them."""

    ranges: tuple[HostPortRange, ...]
    listed: str


def settings(policy: PodSecurityPolicy) -> Settings:
    """The policy's ranges, in its order."""
    ranges = tuple(policy.spec.host_ports or ())
    listed = ",".join(str(each.min) if each.min == each.max else f"{each.min}-{each.max}" for each in ranges)
    return Settings(ranges=ranges, listed=listed)


def judge(settings: Settings, pod: Pod) -> Reasons:
    """Each host port in no range."""
    has_any = [True for container in each_container(pod) for port in container.ports or () if port.host_port]
    return tuple(_port_reasons(settings, pod)) if has_any else ()


def _port_reasons(settings: Settings, pod: Pod) -> Iterator[Reason]:
    for path, container in containers(pod):
        for port in container.ports or ():
            number = port.host_port or 0
            if number > 0 and not any(each.min <= number <= each.max for each in settings.ranges):
                detail = f"Host port {number} is not allowed to be used. Allowed ports: [{settings.listed}]"
                yield invalid(f"{path}.hostPort", str(number), detail)


def cel(settings: Settings) -> Clauses:
    """Each host port in no range."""
    refused = f"p.?hostPort.orValue(0) > 0 && !({within('p.hostPort', settings.ranges)})"
    says = f"ports.hostPort: Host port is not allowed to be used. Allowed ports: [{settings.listed}]"
    return (Refused(part="container", when=f"c.?ports.orValue([]).exists(p, {refused})", says=says),)


CONTROL = of_pods("host_ports", psp_fields=("hostPorts",), settings=settings, judge=judge, cel=cel)


def refuse(pod: Pod) -> Refusal | None:
    """Each port of the node; they are sorted as texts."""
    used = [port.host_port for container in each_container(pod) for port in container.ports or () if port.host_port]
    if not used:
        return None
    found = names(pod, lambda container: any(port.host_port for port in container.ports or ()))
    ports = sorted(set(map(str, used)))
    detail = f"{users('container', found)} {plural('hostPort', ports)} {', '.join(ports)}"
    return Refusal(reason="hostPort", detail=detail)


CHECKS = (Check(id="hostPorts", level="baseline", rules=(Rule(since=0, judge=refuse),)),)

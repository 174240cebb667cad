"""Host ports: the ends of the policy's ranges, and the ports beside them, are as good as all.

A port is refused or not by itself, and what is refused of the numbers begins at one, or ends at the last one, or is
beside the end of a range.
"""

from __future__ import annotations

from collections.abc import Iterator

from pulumi_pod_security.controls import host_ports
from pulumi_pod_security.controls.comparison.changing import each_with
from pulumi_pod_security.controls.comparison.concern import Concern, Use
from pulumi_pod_security.controls.comparison.numbers import beside
from pulumi_pod_security.controls.pod import ContainerPort
from pulumi_pod_security.policy.model import PodSecurityPolicy

__all__ = ["CONCERN"]

_LAST = 65535


def uses(policy: PodSecurityPolicy) -> Iterator[Use]:
    """A port of each kind."""
    for port in beside(policy.spec.host_ports or (), least=1, usual=8080, most=_LAST):
        change = each_with(ports=(ContainerPort(container_port=port, host_port=port),))
        yield Use(what="ports of the node", example=str(port), change=change)


CONCERN = Concern(id="host_ports", controls=(host_ports.CONTROL,), checks=host_ports.CHECKS, uses=uses)

"""The API server's own hand in a pod before Pod Security looks at it, from Kubernetes 1.34 on.

In the node's network every port is a port of the node. An AppArmor profile that only an annotation names becomes a
field, unless it is the pod's already; the opposite, which 1.30 to 1.33 did, is no more. Stated assumption: no webhook
or plugin writes what a check reads.

Upstream: pkg/registry/core/pod/strategy.go, pkg/api/pod/util.go and pkg/apis/core/v1/defaults.go, kubernetes v1.36.3.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from pulumi_pod_security.admission.defaulting import with_host_ports
from pulumi_pod_security.controls.app_armor import CONTAINER_PREFIX
from pulumi_pod_security.controls.pod import (
    AppArmorProfile,
    Container,
    Pod,
    pod_security,
    security,
    with_containers,
    with_security,
)

__all__ = ["as_synced"]

_LONGEST_NAME = 4095
_NAMED = {
    "unconfined": AppArmorProfile(type="Unconfined"),
    "runtime/default": AppArmorProfile(type="RuntimeDefault"),
}


def as_synced(pod: Pod) -> Pod:
    """The pod as Pod Security sees it on CREATE."""
    spec = pod.spec
    if spec is None:
        return pod
    if spec.host_network:
        ported = with_host_ports(spec.containers), with_host_ports(spec.init_containers)
        pod = replace(pod, spec=replace(spec, containers=ported[0], init_containers=ported[1]))
    if spec.os is not None and spec.os.name == "windows":
        return pod
    inherited, annotations = pod_security(pod).app_armor_profile, pod.annotations
    return with_containers(pod, lambda container: _with_profile(container, annotations, inherited))


def _with_profile(container: Container, annotations: Mapping[str, str], inherited: AppArmorProfile | None) -> Container:
    annotation = annotations.get(CONTAINER_PREFIX + container.name)
    profile = _profile(annotation) if annotation else None
    if profile is None or profile == inherited or security(container).app_armor_profile is not None:
        return container
    return with_security(container, app_armor_profile=profile)


def _profile(annotation: str) -> AppArmorProfile | None:
    """The field for an annotation; none for one that the field could not hold."""
    name = annotation.removeprefix("localhost/")
    if name == annotation:
        return _NAMED.get(annotation)
    if not name or name != name.strip() or len(name.encode()) > _LONGEST_NAME:
        return None
    return AppArmorProfile(type="Localhost", localhost_profile=name)

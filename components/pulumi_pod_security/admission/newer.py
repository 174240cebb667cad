"""A pod as servers read it that have no PodSecurityPolicy any more: what its annotations and fields mean there.

Annotations of seccomp profiles are not read from 1.27 on, and fields of AppArmor profiles are, from 1.30 on
(pkg/api/pod/util.go and pkg/registry/core/pod/strategy.go, kubernetes v1.36.3).
"""

from __future__ import annotations

from msgspec.structs import replace

from pulumi_pod_security.controls import app_armor, seccomp
from pulumi_pod_security.controls.pod import Pod, each_container, pod_security, security, with_annotations
from pulumi_pod_security.controls.profile import as_annotation

__all__ = ["as_read_by_newer"]


def as_read_by_newer(pod: Pod) -> Pod:
    """The pod whose annotations say what counts: no seccomp profile, and every AppArmor profile."""
    kept = {key: value for key, value in pod.annotations.items() if not _is_of_seccomp(key)}
    if pod.metadata is not None and len(kept) < len(pod.annotations):
        pod = replace(pod, metadata=replace(pod.metadata, annotations=kept))
    return with_annotations(pod, _profiles(pod))


def _is_of_seccomp(key: str) -> bool:
    return key == seccomp.POD_KEY or key.startswith(seccomp.CONTAINER_PREFIX)


def _profiles(pod: Pod) -> dict[str, str]:
    """The AppArmor profiles that containers have by a field alone."""
    inherited, found = pod_security(pod).app_armor_profile, dict[str, str]()
    for container in each_container(pod):
        key, field = app_armor.CONTAINER_PREFIX + container.name, security(container).app_armor_profile or inherited
        if field is not None and not pod.annotations.get(key):
            found[key] = as_annotation(field)
    return found

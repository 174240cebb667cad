"""A pod, as far as a policy or a standard reads it, a policy writes it, or the plugin must see that it changed.

Every field may be left out or null, as the API server takes both. An empty list and none at all are told apart, because
the plugin tells them apart.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from operator import is_
from typing import Any

import msgspec
from msgspec.structs import replace

from pulumi_pod_security.controls.handler import Handler, Lifecycle
from pulumi_pod_security.controls.volume import Volume

__all__ = [
    "NO_SECURITY",
    "AppArmorProfile",
    "Capabilities",
    "Container",
    "ContainerPort",
    "Metadata",
    "Pod",
    "PodOS",
    "PodSecurityContext",
    "PodSpec",
    "SELinuxOptions",
    "SeccompProfile",
    "SecurityContext",
    "Sysctl",
    "VolumeMount",
    "WindowsOptions",
    "containers",
    "each_container",
    "pod_security",
    "pod_volumes",
    "security",
    "with_annotation",
    "with_annotations",
    "with_containers",
    "with_pod_security",
    "with_security",
    "with_security_context",
]


class SELinuxOptions(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An SELinux label: user:role:type:level."""

    user: str | None = None
    role: str | None = None
    type: str | None = None
    level: str | None = None


class SeccompProfile(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A seccomp profile: RuntimeDefault, Unconfined or Localhost with a name."""

    type: str | None = None
    localhost_profile: str | None = None


class AppArmorProfile(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An AppArmor profile, since 1.30 a field: RuntimeDefault, Unconfined or Localhost with a name."""

    type: str | None = None
    localhost_profile: str | None = None


class WindowsOptions(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """What holds on Windows alone."""

    host_process: bool | None = None


class Capabilities(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Capabilities beyond, and fewer than, the container runtime's default set."""

    add: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None


class SecurityContext(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, cache_hash=True):
    """What a container may do, as its author wants it."""

    privileged: bool | None = None
    allow_privilege_escalation: bool | None = None
    capabilities: Capabilities | None = None
    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    read_only_root_filesystem: bool | None = None
    proc_mount: str | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    app_armor_profile: AppArmorProfile | None = None
    windows_options: WindowsOptions | None = None


class ContainerPort(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A port of a container, and the node's port it is reached by."""

    container_port: int | None = None
    host_port: int | None = None


class VolumeMount(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Where a volume is found in a container."""

    name: str = ""
    mount_path: str | None = None
    read_only: bool | None = None


class Container(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A container: init, regular or ephemeral."""

    name: str = ""
    image: str | None = None
    ports: tuple[ContainerPort, ...] | None = None
    volume_mounts: tuple[VolumeMount, ...] | None = None
    security_context: SecurityContext | None = None
    liveness_probe: Handler | None = None
    readiness_probe: Handler | None = None
    startup_probe: Handler | None = None
    lifecycle: Lifecycle | None = None


class Sysctl(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A kernel parameter."""

    name: str = ""
    value: str | None = None


class PodSecurityContext(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, cache_hash=True):
    """What holds for the pod and, in part, for containers that do not say otherwise."""

    run_as_user: int | None = None
    run_as_group: int | None = None
    run_as_non_root: bool | None = None
    fs_group: int | None = None
    supplemental_groups: tuple[int, ...] | None = None
    se_linux_options: SELinuxOptions | None = None
    seccomp_profile: SeccompProfile | None = None
    sysctls: tuple[Sysctl, ...] | None = None
    app_armor_profile: AppArmorProfile | None = None
    windows_options: WindowsOptions | None = None


class PodOS(msgspec.Struct, frozen=True, omit_defaults=True):
    """The operating system that the pod says it is for."""

    name: str | None = None


class PodSpec(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The spec of a pod. The last three are read by nobody; an update may change them, and an update counts."""

    containers: tuple[Container, ...] | None = None
    init_containers: tuple[Container, ...] | None = None
    ephemeral_containers: tuple[Container, ...] | None = None
    volumes: tuple[Volume, ...] | None = None
    security_context: PodSecurityContext | None = None
    service_account_name: str | None = None
    service_account: str | None = None
    automount_service_account_token: bool | None = None
    host_network: bool | None = None
    host_pid: bool | None = msgspec.field(default=None, name="hostPID")
    host_ipc: bool | None = msgspec.field(default=None, name="hostIPC")
    host_users: bool | None = None
    os: PodOS | None = None
    runtime_class_name: str | None = None
    active_deadline_seconds: int | None = None
    termination_grace_period_seconds: int | None = None
    tolerations: tuple[dict[str, Any], ...] | None = None


class Metadata(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A pod's names, labels and annotations. Owners and finalizers are left out: the plugin does not look at them."""

    name: str | None = None
    generate_name: str | None = None
    namespace: str | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None


class Pod(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A pod, or the template of one."""

    metadata: Metadata | None = None
    spec: PodSpec | None = None

    @property
    def annotations(self) -> dict[str, str]:
        """The pod's annotations; not to be changed."""
        return self.metadata.annotations or {} if self.metadata else {}


_NO_SPEC = PodSpec()
_NO_POD_SECURITY = PodSecurityContext()
NO_SECURITY = SecurityContext()
_LISTS = {
    "init_containers": "initContainers",
    "containers": "containers",
    "ephemeral_containers": "ephemeralContainers",
}
"""Where a pod has containers, in the plugin's order."""


def containers(pod: Pod) -> list[tuple[str, Container]]:
    """Every container with its path: init, regular, ephemeral, in the plugin's order."""
    spec = pod.spec or _NO_SPEC
    found: list[tuple[str, Container]] = []
    for name, field in _LISTS.items():
        if held := getattr(spec, name):
            found += zip(_places(field, len(held)), held, strict=True)
    return found


def each_container(pod: Pod) -> tuple[Container, ...]:
    """Every container, in the same order."""
    spec = pod.spec or _NO_SPEC
    regular = spec.containers or ()
    if not spec.init_containers and not spec.ephemeral_containers:
        return regular
    return (*(spec.init_containers or ()), *regular, *(spec.ephemeral_containers or ()))


def with_containers(pod: Pod, change: Callable[[Container], Container]) -> Pod:
    """The pod with every container changed; the same pod when no container is."""
    spec = pod.spec or _NO_SPEC
    changed: dict[str, Any] = {}
    for name in _LISTS:
        before = getattr(spec, name)
        if before:
            after = tuple(map(change, before))
            if not all(map(is_, after, before)):
                changed[name] = after
    return replace(pod, spec=replace(spec, **changed)) if changed else pod


def pod_security(pod: Pod) -> PodSecurityContext:
    """The pod's security context; an empty one when it has none."""
    return pod.spec.security_context or _NO_POD_SECURITY if pod.spec else _NO_POD_SECURITY


def pod_volumes(pod: Pod) -> tuple[Volume, ...]:
    """The pod's volumes; none when it says nothing of them."""
    return pod.spec.volumes or () if pod.spec else ()


def security(container: Container) -> SecurityContext:
    """The container's security context; an empty one when it has none."""
    return container.security_context or NO_SECURITY


@lru_cache(maxsize=256)
def _places(field: str, count: int) -> tuple[str, ...]:
    return tuple(f"spec.{field}[{index}]" for index in range(count))


def with_pod_security(pod: Pod, **fields: Any) -> Pod:
    """The pod with fields of its security context set."""
    return with_security_context(pod, replace(pod_security(pod), **fields))


def with_security_context(pod: Pod, context: PodSecurityContext) -> Pod:
    """The pod with another security context."""
    return replace(pod, spec=replace(pod.spec or _NO_SPEC, security_context=context))


def with_security(container: Container, **fields: Any) -> Container:
    """The container with fields of its security context set."""
    return replace(container, security_context=replace(security(container), **fields))


def with_annotation(pod: Pod, key: str, value: str) -> Pod:
    """The pod with the annotation; the same pod when it has it already."""
    return pod if pod.annotations.get(key) == value else with_annotations(pod, {key: value})


def with_annotations(pod: Pod, added: dict[str, str]) -> Pod:
    """The pod with these annotations; the same pod when there are none to add."""
    if not added:
        return pod
    metadata = pod.metadata or Metadata()
    return replace(pod, metadata=replace(metadata, annotations={**pod.annotations, **added}))


# msgspec 0.22 crashes when threads meet a type for the first time at once, so it meets this one here.
msgspec.json.Decoder(Pod)

"""The API server's own hand in a pod, around the plugin: what it writes before the plugin looks, and what after.

Stated assumptions: no LimitRange, webhook or other plugin that runs before PodSecurityPolicy writes what a policy
reads, and the service account exists.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from pulumi_pod_security.admission.wellknown import MIRROR, TOKEN_PATH, TOKEN_PREFIX
from pulumi_pod_security.controls.pod import (
    Container,
    ContainerPort,
    Metadata,
    Pod,
    PodSecurityContext,
    PodSpec,
    SeccompProfile,
    VolumeMount,
    each_container,
    pod_security,
    security,
    with_annotation,
    with_containers,
    with_pod_security,
    with_security,
)
from pulumi_pod_security.controls.profile import as_annotation, field_of
from pulumi_pod_security.controls.seccomp import CONTAINER_PREFIX, POD_KEY
from pulumi_pod_security.controls.volume import Volume

__all__ = ["ServiceAccount", "as_kept", "as_seen", "service_account_name", "with_host_ports"]

# The server ends the name in five random characters.
_TOKEN_VOLUME = msgspec.convert(
    {
        "name": f"{TOKEN_PREFIX}xxxxx",
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt"}},
                {
                    "downwardAPI": {
                        "items": [
                            {
                                "path": "namespace",
                                "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                            }
                        ]
                    }
                },
            ]
        },
    },
    Volume,
)
_TOKEN_MOUNT = VolumeMount(name=_TOKEN_VOLUME.name, mount_path=TOKEN_PATH, read_only=True)


class ServiceAccount(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A service account, as far as it decides on a pod's volumes."""

    automount_service_account_token: bool | None = None


def service_account_name(pod: Pod) -> str | None:
    """The service account a pod names, by either of its two fields; none for mirror pods."""
    spec = pod.spec
    return spec.service_account_name or spec.service_account or None if spec else None


def as_seen(pod: Pod, namespace: str, *, service_account: ServiceAccount | None = None) -> Pod:
    """The pod as the plugin sees it on CREATE: with the API's defaults, its service account and the token's volume.

    Args:
        service_account: The one the pod names, or `default`; None for one that says nothing of its token.
    """
    metadata, spec = pod.metadata or Metadata(), pod.spec or PodSpec()
    fields: dict[str, Any] = {"security_context": spec.security_context or PodSecurityContext()}
    if spec.host_network:
        fields["containers"] = with_host_ports(spec.containers)
        fields["init_containers"] = with_host_ports(spec.init_containers)
    if MIRROR not in pod.annotations:
        fields["service_account_name"] = service_account_name(pod) or "default"
    seen = replace(spec, **fields)
    if "service_account_name" in fields and _automounts(spec, service_account):
        seen = _with_token(seen)
    return Pod(metadata=replace(metadata, namespace=metadata.namespace or namespace), spec=seen)


def with_host_ports(found: tuple[Container, ...] | None) -> tuple[Container, ...] | None:
    """The containers of a pod in the node's network, each of their ports a port of the node."""
    if not found or not any(container.ports for container in found):
        return found
    return tuple(replace(each, ports=tuple(map(_with_host_port, each.ports or ())) or None) for each in found)


def _with_host_port(port: ContainerPort) -> ContainerPort:
    return port if port.host_port else replace(port, host_port=port.container_port)


def _automounts(spec: PodSpec, account: ServiceAccount | None) -> bool:
    own = spec.automount_service_account_token
    if own is None and account:
        own = account.automount_service_account_token
    return own is not False


def _with_token(spec: PodSpec) -> PodSpec:
    found = [volume.name for volume in spec.volumes or () if volume.name.startswith(TOKEN_PREFIX)]
    mount = replace(_TOKEN_MOUNT, name=found[0]) if found else _TOKEN_MOUNT
    init, regular = _with_mount(spec.init_containers, mount), _with_mount(spec.containers, mount)
    if init is spec.init_containers and regular is spec.containers:
        return spec
    volumes = spec.volumes if found else (*(spec.volumes or ()), _TOKEN_VOLUME)
    return replace(spec, init_containers=init, containers=regular, volumes=volumes)


def _with_mount(found: tuple[Container, ...] | None, mount: VolumeMount) -> tuple[Container, ...] | None:
    if not found or all(map(_mounts_token, found)):
        return found
    return tuple(
        each if _mounts_token(each) else replace(each, volume_mounts=(*(each.volume_mounts or ()), mount))
        for each in found
    )


def _mounts_token(container: Container) -> bool:
    return TOKEN_PATH in [mount.mount_path for mount in container.volume_mounts or ()]


def as_kept(pod: Pod) -> Pod:
    """The pod as the API server keeps it after the plugin: seccomp profiles as annotations and as fields, both."""
    field, annotation = pod_security(pod).seccomp_profile, pod.annotations.get(POD_KEY)
    if field is None and annotation and (profile := _as_field(annotation)):
        pod = with_pod_security(pod, seccomp_profile=profile)
    elif field is not None and annotation is None and (text := as_annotation(field)):
        pod = with_annotation(pod, POD_KEY, text)
    annotations, annotated = pod.annotations, False
    for container in each_container(pod):
        key, own = CONTAINER_PREFIX + container.name, security(container).seccomp_profile
        if key in annotations:
            annotated = True
        elif own is not None and (text := as_annotation(own)):
            pod = with_annotation(pod, key, text)
    return with_containers(pod, lambda container: _with_field(container, annotations)) if annotated else pod


def _with_field(container: Container, annotations: dict[str, str]) -> Container:
    profile = _as_field(annotations.get(CONTAINER_PREFIX + container.name, ""))
    if profile is None or security(container).seccomp_profile is not None:
        return container
    return with_security(container, seccomp_profile=profile)


@lru_cache(maxsize=256)
def _as_field(annotation: str) -> SeccompProfile | None:
    found = field_of(annotation)
    return msgspec.convert(found, SeccompProfile) if found else None

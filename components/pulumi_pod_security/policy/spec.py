"""PodSecurityPolicySpec of policy/v1beta1, all 24 fields, and the manifest it stands in.

`None` means that the field is left out, which is not always the same as its empty value and never the same text.
What leaving it out means is Kubernetes 1.24's answer, field by field, below.
Fields, volume types and what they mean: policy/v1beta1/types.go, k8s.io/api v0.24.17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pulumi_pod_security.policy.frozen import Part
from pulumi_pod_security.policy.reading import Integer
from pulumi_pod_security.policy.strategies import (
    FSGroupStrategy,
    RunAsGroupStrategy,
    RunAsUserStrategy,
    RuntimeClassStrategy,
    SELinuxStrategy,
    SupplementalGroupsStrategy,
)

__all__ = [
    "AllowedCSIDriver",
    "AllowedFlexVolume",
    "AllowedHostPath",
    "FSType",
    "HostPortRange",
    "Metadata",
    "PodSecurityPolicyManifest",
    "PodSecurityPolicySpec",
    "ProcMountType",
]

FSType = Literal[
    "*",
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephFS",
    "cinder",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "gitRepo",
    "glusterfs",
    "hostPath",
    "iscsi",
    "nfs",
    "persistentVolumeClaim",
    "photonPersistentDisk",
    "portworxVolume",
    "projected",
    "quobyte",
    "rbd",
    "scaleIO",
    "secret",
    "storageos",
    "vsphereVolume",
]

ProcMountType = Literal["Default", "Unmasked"]
"""`ValidateProcMountType` in pkg/apis/core/validation/validation.go, kubernetes v1.24.17."""


@dataclass(frozen=True, kw_only=True)
class HostPortRange(Part):
    """Host ports from `min` to `max`, both included."""

    min: Annotated[int, Integer(bits=32)]
    max: Annotated[int, Integer(bits=32)]


@dataclass(frozen=True, kw_only=True)
class AllowedHostPath(Part):
    """A host path prefix, by whole path elements: `/foo` allows `/foo/bar` and not `/food`.

    `AllowsHostVolumePath` in pkg/security/podsecuritypolicy/util/util.go, kubernetes v1.24.17.
    """

    path_prefix: str
    read_only: bool | None = None


@dataclass(frozen=True, kw_only=True)
class AllowedFlexVolume(Part):
    """The driver of a flexVolume that may be used."""

    driver: str


@dataclass(frozen=True, kw_only=True)
class AllowedCSIDriver(Part):
    """The name of a CSI driver that may be used for inline volumes."""

    name: str


@dataclass(frozen=True, kw_only=True)
class PodSecurityPolicySpec(Part):
    """What a policy allows, requires and sets. The four strategies must be chosen; the rest may be left out."""

    privileged: bool | None = None
    """Left out: false."""
    default_add_capabilities: Sequence[str] | None = None
    required_drop_capabilities: Sequence[str] | None = None
    allowed_capabilities: Sequence[str] | None = None
    """Left out: none beyond the container runtime's default set and the default-added ones; `*` is all."""
    volumes: Sequence[FSType] | None = None
    """Left out: no volume at all; `*` is all."""
    host_network: bool | None = None
    host_ports: Sequence[HostPortRange] | None = None
    """Left out: no host port at all."""
    host_pid: bool | None = field(default=None, metadata={"name": "hostPID"})
    host_ipc: bool | None = field(default=None, metadata={"name": "hostIPC"})
    se_linux: SELinuxStrategy
    run_as_user: RunAsUserStrategy
    run_as_group: RunAsGroupStrategy | None = None
    """Left out: any group."""
    supplemental_groups: SupplementalGroupsStrategy
    fs_group: FSGroupStrategy
    read_only_root_filesystem: bool | None = None
    """Left out: false, writable roots are allowed."""
    default_allow_privilege_escalation: bool | None = None
    """Left out: a pod that says nothing is left as it is."""
    allow_privilege_escalation: bool | None = None
    """Left out: **true**; policies older than the field must go on allowing what they allowed
    (pkg/apis/policy/v1beta1/defaults.go, kubernetes v1.24.17)."""
    allowed_host_paths: Sequence[AllowedHostPath] | None = None
    """Left out or empty: every path, once `hostPath` volumes are allowed."""
    allowed_flex_volumes: Sequence[AllowedFlexVolume] | None = None
    """Left out or empty: every driver, once `flexVolume` volumes are allowed."""
    allowed_csi_drivers: Sequence[AllowedCSIDriver] | None = field(default=None, metadata={"name": "allowedCSIDrivers"})
    """Left out or empty: every driver, once `csi` volumes are allowed."""
    allowed_unsafe_sysctls: Sequence[str] | None = None
    forbidden_sysctls: Sequence[str] | None = None
    allowed_proc_mount_types: Sequence[ProcMountType] | None = None
    """Left out: `Default` only. The server drops this field while its gate ProcMountType is off, as it is in 1.24
    (pkg/api/podsecuritypolicy/util.go and pkg/features/kube_features.go, kubernetes v1.24.17)."""
    runtime_class: RuntimeClassStrategy | None = None
    """Left out: any RuntimeClass."""


@dataclass(frozen=True, kw_only=True)
class Metadata(Part):
    """The part of an object's metadata that is written by people and not by the server."""

    name: str
    labels: Mapping[str, str] | None = None
    annotations: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class PodSecurityPolicyManifest(Part):
    """A PodSecurityPolicy as it is written down, its profile annotations still among the others."""

    api_version: Literal["policy/v1beta1", "extensions/v1beta1"]
    kind: Literal["PodSecurityPolicy"]
    metadata: Metadata
    spec: PodSecurityPolicySpec

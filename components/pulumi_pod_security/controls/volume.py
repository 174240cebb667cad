"""A volume of a pod: its name and its source, of the 29 kinds Kubernetes 1.24 knows."""

from __future__ import annotations

from itertools import compress, repeat
from operator import is_not
from typing import Any

import msgspec

__all__ = [
    "CSISource",
    "ConfigMapProjection",
    "DownwardAPIItem",
    "DownwardAPIProjection",
    "FieldRef",
    "FlexSource",
    "HostPathSource",
    "ProjectedSource",
    "Projection",
    "ServiceAccountTokenProjection",
    "Volume",
]

Source = dict[str, Any]
"""A source of which nothing is read but that it is there."""


class HostPathSource(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A path of the node."""

    path: str | None = None


class FlexSource(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A volume of a flexVolume driver."""

    driver: str | None = None


class CSISource(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A volume that a CSI driver makes for this pod alone."""

    driver: str | None = None


class ServiceAccountTokenProjection(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A token of the pod's service account."""

    audience: str | None = None
    path: str | None = None


class ConfigMapProjection(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Entries of a ConfigMap."""

    name: str | None = None


class FieldRef(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A field of the pod itself."""

    api_version: str | None = None
    field_path: str | None = None


class DownwardAPIItem(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A file with a field of the pod itself."""

    path: str | None = None
    field_ref: FieldRef | None = None


class DownwardAPIProjection(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Files with fields of the pod itself."""

    items: tuple[DownwardAPIItem, ...] | None = None


class Projection(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One of the sources of a projected volume."""

    service_account_token: ServiceAccountTokenProjection | None = None
    config_map: ConfigMapProjection | None = None
    downward_api: DownwardAPIProjection | None = msgspec.field(default=None, name="downwardAPI")


class ProjectedSource(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """Several sources in one folder."""

    sources: tuple[Projection, ...] | None = None


class Volume(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, dict=True):
    """A volume. The sources stand in the order in which the plugin looks for the first one that is set."""

    name: str = ""
    host_path: HostPathSource | None = None
    empty_dir: Source | None = None
    gce_persistent_disk: Source | None = None
    aws_elastic_block_store: Source | None = None
    git_repo: Source | None = None
    secret: Source | None = None
    nfs: Source | None = None
    iscsi: Source | None = None
    glusterfs: Source | None = None
    persistent_volume_claim: Source | None = None
    rbd: Source | None = None
    flex_volume: FlexSource | None = None
    cinder: Source | None = None
    cephfs: Source | None = None
    flocker: Source | None = None
    downward_api: Source | None = msgspec.field(default=None, name="downwardAPI")
    fc: Source | None = None
    azure_file: Source | None = None
    config_map: Source | None = None
    vsphere_volume: Source | None = None
    quobyte: Source | None = None
    azure_disk: Source | None = None
    photon_persistent_disk: Source | None = None
    storageos: Source | None = None
    projected: ProjectedSource | None = None
    portworx_volume: Source | None = None
    scale_io: Source | None = msgspec.field(default=None, name="scaleIO")
    csi: CSISource | None = None
    ephemeral: Source | None = None

    @property
    def kind(self) -> str:
        """The kind, as a policy names it; a volume without a source becomes an emptyDir on the server."""
        # functools.cached_property takes a lock until Python 3.12, which takes longer than to look again.
        found: str | None = self.__dict__.get("kind")
        if found is None:
            is_set = map(is_not, msgspec.structs.astuple(self)[1:], repeat(None))
            self.__dict__["kind"] = found = next(compress(_KINDS, is_set), "emptyDir")
        return found


# A policy calls every source as a pod does, but for this one.
_KINDS = tuple({"cephfs": "cephFS"}.get(name, name) for name in Volume.__struct_encode_fields__[1:])

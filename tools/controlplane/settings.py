"""What a cluster is made of: chosen by the caller before the first start, then kept in the data folder."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tools.controlplane.layout import Layout

__all__ = ["ADVERTISED_ADDRESS", "CONTROL_PLANE_NODE", "Ports", "Record", "Settings", "read_record", "write_record"]

CONTROL_PLANE_NODE = "control-plane"
# kubeadm refuses to advertise a loopback address; this one belongs to documentation (RFC 5737) and is never dialled.
ADVERTISED_ADDRESS = "192.0.2.1"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What a caller may choose.

    Args:
        workers: Nodes beside the control-plane node.
        api_server_flags: Entries of apiServer.extraArgs, without the leading dashes.
        controller_manager_flags: Entries of controllerManager.extraArgs, likewise.
        api_server: The API server's version, where it is newer than kubeadm's and the others'.
    """

    version: str = "1.24.17"
    workers: int = 1
    api_server_flags: Mapping[str, str] = dataclasses.field(default_factory=dict)
    controller_manager_flags: Mapping[str, str] = dataclasses.field(default_factory=dict)
    api_server: str | None = None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ports:
    """The loopback ports of one cluster."""

    api_server: int
    controller_manager: int
    scheduler: int
    kwok: int
    etcd_client: int
    etcd_peer: int
    etcd_metrics: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """What a finished data folder says about its cluster."""

    version: str
    workers: int
    ports: Ports
    socket: str
    api_server: str | None = None

    @property
    def url(self) -> str:
        """Where clients find the API server."""
        return f"https://127.0.0.1:{self.ports.api_server}"


def read_record(layout: Layout) -> Record | None:
    """The record of a finished folder, or nothing: a folder is finished when its record can be read."""
    try:
        return msgspec.json.decode(layout.record.read_bytes(), type=Record)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def write_record(layout: Layout, record: Record) -> None:
    """Mark the folder as finished, at once or not at all."""
    draft = Path(f"{layout.record}.new")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(record)))
    draft.replace(layout.record)

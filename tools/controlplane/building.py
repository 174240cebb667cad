"""Making the data folder of a new cluster, and making sure that a folder is ours before anything in it is touched."""

import concurrent.futures
import contextlib
import os
import platform
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tools.controlplane.configuration import initial_configuration
from tools.controlplane.errors import ControlPlaneError, FolderInUseError
from tools.controlplane.kubeadm import Kubeadm
from tools.controlplane.layout import Layout
from tools.controlplane.ports import held_ports
from tools.controlplane.settings import Ports, Record, Settings, read_record, write_record
from tools.toolchain import binary

__all__ = ["Progress", "build", "claim", "clear", "link_binaries", "silent", "socket_path", "write_private"]

Progress = Callable[[str], None]
"""Is told, in a few words, what begins."""

KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubeadm")
OTHERS = ("etcd", "kwok")
# kubeadm's own kubeconfigs for these point at the advertised address, which is never dialled here.
CLIENTS = {"controller-manager": "system:kube-controller-manager", "scheduler": "system:kube-scheduler", "kwok": "kwok"}
LONGEST_SOCKET_PATH = 100
SOCKET_FOLDER = "control-plane-"
# Longer than a supervisor takes to listen.
DEAD_AFTER_SECONDS = 3600


def silent(step: str) -> None:
    """Progress that nobody follows."""


def claim(layout: Layout) -> None:
    """Take an empty or new folder for a cluster; refuse one that holds anything else."""
    layout.folder.mkdir(parents=True, exist_ok=True)
    # In this order: a start at the same time makes the lock before anything else.
    occupied = any(layout.folder.iterdir())
    if occupied and not layout.lock.exists():
        raise FolderInUseError(
            f"{layout.folder} is not empty and holds no control plane: name an empty or a new folder"
        )
    layout.lock.touch()


def clear(layout: Layout) -> None:
    """Remove everything of a cluster but its lock."""
    record = read_record(layout)
    if record and Path(record.socket).parent != layout.folder:
        shutil.rmtree(Path(record.socket).parent, ignore_errors=True)
    # The record first: a removal that is interrupted leaves a half-made folder.
    layout.record.unlink(missing_ok=True)
    for entry in layout.folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry != layout.lock:
            entry.unlink()


def build(layout: Layout, settings: Settings, progress: Progress) -> Record:
    """Everything a cluster needs on disk, from nothing; what a broken attempt left is removed first."""
    _require_linux()
    clear(layout)
    for folder in (
        layout.kubeconfigs,
        layout.manifests,
        layout.pki,
        layout.programs,
        layout.logs,
        layout.audit_log.parent,
    ):
        folder.mkdir(mode=0o700)
    link_binaries(layout, settings)
    shutil.copy(Path(__file__).parent / "objects" / "audit-policy.yaml", layout.audit_policy)
    with held_ports(len(Ports.__dataclass_fields__)) as numbers:
        ports = Ports(**dict(zip(Ports.__dataclass_fields__, numbers, strict=True)))
        layout.configuration.write_text(initial_configuration(layout, settings, ports))
        progress("kubeadm: certificates, kubeconfigs and static Pods")
        kubeadm = Kubeadm(layout)
        kubeadm.initialize()
        _client_kubeconfigs(layout, kubeadm)
        record = Record(
            version=settings.version,
            workers=settings.workers,
            ports=ports,
            socket=socket_path(layout),
            api_server=settings.api_server,
        )
        write_record(layout, record)
    return record


def link_binaries(layout: Layout, made: Settings | Record) -> None:
    """Make the toolchain's programs available by the names that static Pods use."""
    layout.binaries.mkdir(exist_ok=True)
    versions = {**dict.fromkeys(KUBERNETES, made.version), **dict.fromkeys(OTHERS)}
    for name, wanted in (versions | {"kube-apiserver": made.api_server or made.version}).items():
        link = layout.binaries / name
        link.unlink(missing_ok=True)
        link.symlink_to(binary(name, version=wanted))


def write_private(path: Path, text: str) -> Path:
    """Write a file that only its owner may read, at once or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.touch(mode=0o600)
    draft.write_text(text)
    return draft.replace(path)


def socket_path(layout: Layout) -> str:
    """Where supervisord can be talked to: in the folder, unless that lies too deep."""
    inside = str(layout.folder / "supervisor.sock")
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
        return inside
    # The kernel allows 108 bytes, and supervisord appends its process number while it binds.
    for left in Path(tempfile.gettempdir()).glob(f"{SOCKET_FOLDER}*"):
        _remove_if_dead(left)
    return str(Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER), "supervisor.sock"))


def _remove_if_dead(folder: Path) -> None:
    """Remove the socket's folder of a supervisor that was killed; a stopped cluster makes its own again."""
    with contextlib.suppress(OSError):
        status = folder.lstat()
        old = time.time() - status.st_mtime > DEAD_AFTER_SECONDS
        if old and status.st_uid == os.geteuid() and not folder.is_symlink() and not _answers(folder):
            shutil.rmtree(folder)


def _answers(folder: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(folder / "supervisor.sock")) == 0


def _require_linux() -> None:
    if platform.system() != "Linux":
        raise ControlPlaneError(
            f"the control plane was only tried on Linux and does not run on {platform.system()}: its processes are "
            "tied to each other by the Linux kernel; use a Linux machine, virtual machine or container"
        )


def _client_kubeconfigs(layout: Layout, kubeadm: Kubeadm) -> None:
    with concurrent.futures.ThreadPoolExecutor() as pool:
        texts = pool.map(lambda user: kubeadm.user_kubeconfig(user, []), CLIENTS.values())
        for name, text in zip(CLIENTS, texts, strict=True):
            write_private(layout.kubeconfigs / f"{name}.conf", text)

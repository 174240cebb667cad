"""Which folders may be used, and what a folder says about itself."""

import dataclasses
import os
import platform
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest

from tools.controlplane import (
    ControlPlane,
    ControlPlaneError,
    FolderInUseError,
    Identity,
    NotStartedError,
    ServiceAccount,
    Settings,
    User,
)
from tools.controlplane import cluster as cluster_module
from tools.controlplane.building import claim, clear, socket_path, write_private
from tools.controlplane.layout import Layout
from tools.controlplane.settings import Ports, Record, read_record, write_record
from tools.toolchain import ToolchainError

RECORD = Record(
    version="1.24.17",
    workers=1,
    ports=Ports(api_server=1, controller_manager=2, scheduler=3, kwok=4, etcd_client=5, etcd_peer=6, etcd_metrics=7),
    socket="socket",
)


def test_a_folder_with_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    """Neither start nor destroy touches a folder that does not hold a cluster."""
    (tmp_path / "thesis.txt").write_text("all my work")
    for operation in (ControlPlane(tmp_path).start, ControlPlane(tmp_path).destroy):
        with pytest.raises(FolderInUseError, match="name an empty or a new folder"):
            operation()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_new_folder_is_claimed_and_can_be_claimed_again(tmp_path: Path) -> None:
    """A folder that is ours stays ours when it fills."""
    layout = Layout(tmp_path / "deep" / "cluster")
    claim(layout)
    layout.configuration.touch()
    claim(layout)


def test_clearing_keeps_the_lock(layout: Layout) -> None:
    """Whoever waits for the lock waits for the same file."""
    claim_marker = layout.lock
    claim_marker.touch()
    layout.configuration.touch()
    clear(layout)
    assert list(layout.folder.iterdir()) == [claim_marker]


def test_a_record_is_read_as_it_was_written(layout: Layout) -> None:
    """Version, size, ports and socket come back."""
    write_record(layout, RECORD)
    assert read_record(layout) == RECORD


@pytest.mark.parametrize("content", ["", "{", '{"version": "1.24.17"}', "[]"])
def test_a_damaged_record_is_a_half_made_folder(layout: Layout, content: str) -> None:
    """Whatever cannot be read in full is built anew rather than guessed at."""
    layout.lock.touch()
    layout.record.write_text(content)
    assert read_record(layout) is None
    assert ControlPlane(layout.folder).status().state == "half-made"


def test_a_folder_of_another_version_is_refused(layout: Layout) -> None:
    """A cluster is not silently another one than was asked for."""
    layout.lock.touch()
    write_record(layout, RECORD)
    with pytest.raises(FolderInUseError, match=r"'1\.36\.3' was asked for.* holds '1\.24\.17'"):
        ControlPlane(layout.folder, Settings(version="1.36.3")).start()


@pytest.mark.parametrize(
    "operation", ["stop", "kubeconfig", "restart_api_server", "install_addons", "checkpoint", "reset"]
)
def test_what_needs_a_cluster_says_that_there_is_none(tmp_path: Path, operation: str) -> None:
    """The message says what to do first, and no folder appears."""
    with pytest.raises(NotStartedError, match="start one first"):
        getattr(ControlPlane(tmp_path / "none"), operation)()
    assert not (tmp_path / "none").exists()


def test_a_cluster_that_somebody_else_is_changing_says_so(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has waited long enough for another process learns what it waits for."""
    monkeypatch.setattr(cluster_module, "LOCK_TIMEOUT", 0.1)
    write_record(layout, RECORD)
    with filelock.FileLock(layout.lock), pytest.raises(ControlPlaneError, match="another process is busy"):
        ControlPlane(layout.folder).stop()


def test_an_absent_cluster_is_absent_and_destroying_it_is_nothing(tmp_path: Path) -> None:
    """Destroying twice is no error."""
    cluster = ControlPlane(tmp_path / "none")
    assert cluster.status().state == "absent"
    cluster.destroy()


def test_a_socket_path_that_the_kernel_would_refuse_is_put_elsewhere(tmp_path: Path) -> None:
    """A unix socket's path may have 108 bytes; a deeper folder's is in a folder that goes with the cluster."""
    layout = Layout(tmp_path / ("deep" * 20) / "cluster")
    claim(layout)
    socket = Path(socket_path(layout))
    assert len(str(socket)) < 100
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    write_record(layout, dataclasses.replace(RECORD, socket=str(socket)))
    ControlPlane(layout.folder).destroy()
    assert not socket.parent.exists()


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder in which a socket's path fits whatever `--basetemp` and the number of processes are."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_the_socket_folder_of_a_killed_cluster_goes_with_the_next_one(
    short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at which a supervisor answers stays, and so does one that is being made."""
    monkeypatch.setattr(tempfile, "tempdir", str(short_path))
    dead, alive = short_path / "control-plane-dead", short_path / "control-plane-alive"
    layout = Layout(short_path / ("deep" * 20) / "cluster")
    young = Path(socket_path(layout)).parent
    for folder in (dead, alive):
        folder.mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(alive / "supervisor.sock"))
        server.listen()
        for folder in (dead, alive):
            os.utime(folder, (time.time() - 7200,) * 2)
        socket_path(layout)
    assert (dead.exists(), alive.exists(), young.exists()) == (False, True, True)


def test_elsewhere_than_on_linux_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, before anything is made."""
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(ControlPlaneError, match=r"^the control plane was only tried on Linux .* on Darwin: "):
        ControlPlane(tmp_path / "cluster").start()
    assert ControlPlane(tmp_path / "cluster").status().state == "half-made"


def test_an_unknown_version_names_the_known_ones(tmp_path: Path) -> None:
    """A version that the toolchain does not make is refused, and the folder can be used for another one."""
    with pytest.raises(ToolchainError, match=r"kube-apiserver 1\.99\.0.*kube-apiserver 1\.24\.17"):
        ControlPlane(tmp_path / "cluster", Settings(version="1.99.0")).start()
    assert ControlPlane(tmp_path / "cluster").status().state == "half-made"


def test_every_identity_has_a_file_of_its_own() -> None:
    """No two identities share a kubeconfig, however their names are put together."""
    identities: list[Identity] = [
        User(name="a"),
        User(name="a", groups=("b",)),
        User(name="a+b"),
        User(name="a/b"),
        User(name="a-b"),
        ServiceAccount(namespace="a", name="b"),
    ]
    names = [identity.file_name for identity in identities]
    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)


def test_a_private_file_is_private_from_the_beginning(tmp_path: Path) -> None:
    """Keys and tokens are readable by their owner only."""
    path = write_private(tmp_path / "kubeconfig", "secret")
    assert path.read_text() == "secret"
    assert path.stat().st_mode & 0o777 == 0o600

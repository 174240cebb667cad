"""An API server that is newer than everything else here, alone with its etcd."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.integration.support.asking import Asker, Question
from tools.controlplane import FolderInUseError, LoneServer
from tools.controlplane.settings import read_record
from tools.controlplane.supervision import Supervisor, supervisor_process

pytestmark = pytest.mark.integration


def _get(server: LoneServer, path: str) -> object:
    (reply,) = Asker(server).make(Question(method="GET", path=path))
    return reply.content


def test_it_is_of_its_own_version(lone_server: LoneServer) -> None:
    """Not of the version of the kubeadm that rendered it; clients see it by what it says of itself."""
    version = _get(lone_server, "/version")
    assert isinstance(version, dict)
    assert (version["gitVersion"], version["major"], version["minor"]) == ("v1.36.3", "1", "36")


def test_nothing_runs_beside_it(lone_server: LoneServer) -> None:
    """No controller and no node: only what stores and what answers, and what looks after the two."""
    record = read_record(lone_server.layout)
    assert record is not None
    running = [state.name for state in Supervisor(lone_server.layout, record).programs() if state.pid]
    assert sorted(running) == ["etcd", "events", "kube-apiserver", "node"]


def test_nothing_is_left_of_it(tmp_path: Path) -> None:
    """Neither a process nor a file, also when it is destroyed again."""
    server = LoneServer(tmp_path / "server", "1.36.3")
    server.start(owner=os.getpid())
    server.destroy()
    server.destroy()
    assert supervisor_process(server.layout) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    """It takes a new or an empty folder only."""
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(FolderInUseError, match="name an empty or a new folder"):
        LoneServer(tmp_path, "1.36.3").start()
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]

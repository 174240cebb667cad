"""An API server that is newer than everything else here, alone with its etcd, and one that becomes so over its data."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.policy import presets
from tests.fixtures.waiting import eventually
from tests.integration.support.asking import Asker, Question
from tools.controlplane import FolderInUseError, LoneServer, NotStartedError
from tools.controlplane.settings import read_record
from tools.controlplane.supervision import Supervisor, supervisor_process

pytestmark = pytest.mark.integration


ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles"
PLUGINS = {"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"}
KUBE_SYSTEM = "/api/v1/namespaces/kube-system"
POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
# What one of 1.24 makes for itself and stores in versions that are no longer served.
STORED_IN_OLD_VERSIONS = (
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    "/apis/discovery.k8s.io/v1/endpointslices",
)


def _get(server: LoneServer, path: str) -> Any:
    (reply,) = Asker(server).make(Question(method="GET", path=path))
    return reply.content


def _lists(server: LoneServer) -> list[str]:
    """Every list that the server has."""
    groups = [each for group in _get(server, "/apis")["groups"] for each in group["versions"]]
    bases = ["/api/v1", *(f"/apis/{version['groupVersion']}" for version in groups)]
    return [
        f"{base}/{resource['name']}"
        for base in bases
        for resource in _get(server, base)["resources"]
        if "list" in resource["verbs"]
    ]


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


def test_one_that_never_was_is_not_upgraded(tmp_path: Path) -> None:
    """There is nothing that another version could be started over."""
    with pytest.raises(NotStartedError, match="start it first"):
        LoneServer(tmp_path / "server", "1.24.17").upgrade("1.36.3")


@dataclass(frozen=True, kw_only=True)
class Upgraded:
    """One that was of 1.24.17, with the plugin that is gone since, and is of 1.36.3 now; and what it said before."""

    server: LoneServer
    version: str
    uid: str
    kubeconfig: bytes


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """One that held a policy before."""
    server = LoneServer(tmp_path_factory.mktemp("upgraded") / "server", "1.24.17", PLUGINS, ["garbagecollector"])
    try:
        server.start(owner=os.getpid())
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "old"}}
        Asker(server).make(
            Question(method="POST", path=POLICIES, body=presets.privileged().to_manifest()),
            Question(method="POST", path=ROLES, body=role),
        )
        before = Upgraded(
            server=server,
            version=_get(server, "/version")["gitVersion"],
            uid=_get(server, KUBE_SYSTEM)["metadata"]["uid"],
            kubeconfig=server.kubeconfig().read_bytes(),
        )
        server.upgrade("1.36.3")
        yield before
    finally:
        server.destroy()


def test_an_upgraded_one_is_the_same_cluster(upgraded: Upgraded) -> None:
    """What its clients know it by has not changed, but for the version."""
    assert upgraded.version == "v1.24.17"
    assert _get(upgraded.server, "/version")["gitVersion"] == "v1.36.3"
    assert _get(upgraded.server, KUBE_SYSTEM)["metadata"]["uid"] == upgraded.uid
    assert upgraded.server.kubeconfig().read_bytes() == upgraded.kubeconfig


def test_an_upgraded_one_has_no_policies(upgraded: Upgraded) -> None:
    """Not refused and not empty: it does not know the path."""
    reply = Asker(upgraded.server).ask(Question(method="GET", path=POLICIES))
    assert reply.code == 404
    assert b"the server could not find the requested resource" in reply.body


def test_an_upgraded_one_reads_everything_stored(upgraded: Upgraded) -> None:
    """Also what the old one had written in versions that the new one does not serve."""
    paths = _lists(upgraded.server)
    assert set(STORED_IN_OLD_VERSIONS) <= set(paths)
    replies = Asker(upgraded.server).ask_all(Question(method="GET", path=path) for path in paths)
    assert {path: reply.code for path, reply in zip(paths, replies, strict=True) if reply.code != 200} == {}
    assert all(_get(upgraded.server, path)["items"] for path in STORED_IN_OLD_VERSIONS)


def test_what_is_deleted_in_the_foreground_goes(upgraded: Upgraded) -> None:
    """A garbage collector lets go of it, older than the server though it is."""
    foreground = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Foreground"}
    asker, path = Asker(upgraded.server), f"{ROLES}/old"
    asker.make(Question(method="DELETE", path=path, body=foreground))
    eventually(lambda: asker.ask(Question(method="GET", path=path)).code == 404)

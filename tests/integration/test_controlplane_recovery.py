"""The embedded control plane, on real processes: what happens when something is killed, broken or taken away."""

import concurrent.futures
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.fixtures.waiting import eventually
from tools.controlplane import ControlPlane, PortTakenError
from tools.controlplane.api import Api
from tools.controlplane.supervision import supervisor_process

pytestmark = pytest.mark.integration

API_SERVER = "kube-apiserver"


def processes(folder: Path) -> list[psutil.Process]:
    """Every living process that has to do with a data folder."""
    return [
        process
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and any(str(folder) in argument for argument in process.info["cmdline"] or [])
    ]


def process_id(cluster: ControlPlane, component: str) -> int | None:
    """The process of a component."""
    return next((state.pid for state in cluster.status().components if state.name == component), None)


def starts(cluster: ControlPlane, component: str = API_SERVER) -> int:
    """How often a component was started."""
    return sum(event.component == component and event.kind == "started" for event in cluster.events())


def unreadable(cluster: ControlPlane) -> int:
    """How often a manifest could not be read."""
    return sum(event.kind == "unreadable" for event in cluster.events())


def change(cluster: ControlPlane) -> None:
    """Write a manifest with one flag more or less."""
    manifest = cluster.layout.manifest(API_SERVER)
    before, flag = manifest.read_text(), "    - --v=1\n"
    command = "    - kube-apiserver\n"
    manifest.write_text(before.replace(flag, "") if flag in before else before.replace(command, command + flag))


@pytest.fixture
def cluster(control_plane: ControlPlane) -> ControlPlane:
    """The shared cluster, running."""
    control_plane.start(owner=os.getpid())
    return control_plane


@pytest.mark.parametrize(
    "component",
    ["etcd", API_SERVER, "kube-controller-manager", "kube-scheduler", "kwok", "node", "events"],
)
def test_a_killed_component_comes_back(cluster: ControlPlane, component: str) -> None:
    """A component that is killed is started again, and the cluster is ready again."""
    before = process_id(cluster, component)
    assert before
    os.kill(before, 9)
    eventually(lambda: process_id(cluster, component) not in {None, before})
    eventually(lambda: cluster.status().ready)


def test_a_killed_node_leaves_its_static_pods_running(cluster: ControlPlane) -> None:
    """As with a kubelet, the API server does not notice, and a manifest that changed meanwhile is acted upon."""
    before, node, server = starts(cluster), process_id(cluster, "node"), process_id(cluster, API_SERVER)
    assert node
    assert server
    psutil.Process(node).suspend()
    change(cluster)
    os.kill(node, 9)
    assert psutil.pid_exists(server)
    eventually(lambda: starts(cluster) == before + 1)
    eventually(lambda: cluster.status().ready)


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_recovers(cluster: ControlPlane) -> None:
    """Without its supervisor no process of the cluster is left; the data is, and serves the next start."""
    Api(cluster.kubeconfig()).call("POST", "/api/v1/namespaces", {"metadata": {"name": "kept"}})
    supervisor = supervisor_process(cluster.layout)
    assert supervisor
    supervisor.kill()
    eventually(lambda: not processes(cluster.layout.folder), 5)
    assert cluster.status().state == "stopped"
    cluster.start(owner=os.getpid())
    assert Api(cluster.kubeconfig()).exists("/api/v1/namespaces/kept")


def test_a_changed_manifest_restarts_the_api_server_after_the_old_one_has_ended(cluster: ControlPlane) -> None:
    """The old server is told to stop within two seconds, and the new one starts only when it is gone."""
    before, changed_at = starts(cluster), time.time()
    change(cluster)
    eventually(lambda: starts(cluster) == before + 1)
    eventually(lambda: cluster.status().ready)
    times = {event.kind: event.time for event in cluster.events() if event.component == API_SERVER}
    assert times["stopping"] - changed_at < 2
    assert times["stopping"] < times["started"]
    assert len([process for process in processes(cluster.layout.folder) if process.name() == API_SERVER]) == 1


def test_a_half_written_manifest_changes_nothing(cluster: ControlPlane) -> None:
    """What runs keeps running while its manifest cannot be read, and the fault is an event."""
    manifest, before, faults = cluster.layout.manifest(API_SERVER), starts(cluster), unreadable(cluster)
    whole = manifest.read_text()
    manifest.write_text(whole[: len(whole) // 2] + "\n  - {")
    eventually(lambda: unreadable(cluster) > faults, 5)
    assert cluster.status().ready
    manifest.write_text(whole)
    time.sleep(1)
    assert starts(cluster) == before


def test_a_removed_manifest_stops_its_server_until_it_is_back(cluster: ControlPlane) -> None:
    """A static Pod that is gone is stopped, its port is free, and the manifest brings it back."""
    manifest = cluster.layout.manifest(API_SERVER)
    aside = manifest.with_name(".kube-apiserver.yaml")
    manifest.rename(aside)
    eventually(lambda: process_id(cluster, API_SERVER) is None)
    assert not [process for process in processes(cluster.layout.folder) if process.name() == API_SERVER]
    aside.rename(manifest)
    eventually(lambda: cluster.status().ready)


def test_two_clusters_are_strangers(cluster: ControlPlane, make_control_plane: Callable[..., ControlPlane]) -> None:
    """Two clusters run side by side on ports of their own, and neither accepts the other's admin."""
    other = make_control_plane(workers=0)
    assert not set(vars(cluster.record.ports).values()) & set(vars(other.record.ports).values())
    foreign = other.kubeconfig().read_text().replace(other.url, cluster.url)
    stranger = other.layout.kubeconfigs / "stranger.conf"
    stranger.write_text(foreign)
    with pytest.raises(Exception, match="certificate verify failed"):
        Api(stranger).call("GET", "/api/v1/nodes")
    other.destroy()
    assert not other.layout.folder.exists()
    assert cluster.status().ready


def test_two_starts_at_once_make_one_cluster(tmp_path: Path) -> None:
    """Whoever comes second waits for the first and finds the cluster running."""
    cluster = ControlPlane(tmp_path / "cluster")
    try:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for start in [pool.submit(ControlPlane(tmp_path / "cluster").start, owner=os.getpid()) for _ in range(2)]:
                start.result()
        assert starts(cluster, "etcd") == 1
        # The threads that started it are gone, and it is not.
        time.sleep(1)
        assert cluster.status().ready
    finally:
        cluster.destroy()


def test_a_half_made_folder_is_built_anew(tmp_path: Path) -> None:
    """What an interrupted start left - some keys, some manifests, no record - is no obstacle."""
    cluster = ControlPlane(tmp_path / "cluster")
    try:
        cluster.start(owner=os.getpid())
        cluster.layout.record.unlink()
        (cluster.layout.pki / "ca.key").write_text("half")
        cluster.layout.manifest("kube-scheduler").unlink()
        assert cluster.status().state == "half-made"
        cluster.start(owner=os.getpid())
        assert cluster.status().ready
    finally:
        cluster.destroy()


def test_a_port_that_was_taken_meanwhile_is_named_with_its_holder(cluster: ControlPlane) -> None:
    """A cluster keeps its ports, so the error says which one is missing and who has it."""
    cluster.stop()
    port = cluster.record.ports.etcd_client
    with socket.create_server(("127.0.0.1", port)):
        holder = rf"ports\.etcd_client: {port} is taken by .*\(pid {os.getpid()}\)"
        with pytest.raises(PortTakenError, match=holder):
            cluster.start(owner=os.getpid())
    cluster.start(owner=os.getpid())


def test_a_killed_test_run_leaves_no_process(tmp_path: Path) -> None:
    """pytest killed with SIGKILL in the middle of a test takes its cluster with it within seconds."""
    test = tmp_path / "test_killed.py"
    test.write_text("import time\ndef test_it(control_plane):\n    time.sleep(600)\n")
    base = tmp_path / "base"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.fixtures.controlplane"]
    run = subprocess.Popen([*command, f"--basetemp={base}", "-c", os.devnull, "--rootdir", str(tmp_path), str(test)])
    try:
        eventually(lambda: len(processes(base)) > 7, 90)
    finally:
        run.kill()
        run.wait()
    eventually(lambda: not processes(base), 5)

"""From manifests to programs."""

import configparser
import shlex

import psutil
import yaml

from tools.controlplane.events import read_events
from tools.controlplane.layout import Layout
from tools.controlplane.node import Node, describe_process, is_described


def put(layout: Layout, name: str, *command: str) -> None:
    """Write a manifest into the node's folder."""
    manifest = {"kind": "Pod", "metadata": {"name": name}, "spec": {"containers": [{"command": list(command)}]}}
    layout.manifest(name).write_text(yaml.safe_dump(manifest))


def command(layout: Layout, name: str) -> list[str]:
    """The command that supervisord would run."""
    parser = configparser.RawConfigParser()
    parser.read(layout.program(name))
    return shlex.split(parser[f"program:{name}"]["command"].replace("%%", "%"))


def test_an_owner_is_told_from_a_later_process_with_its_number() -> None:
    """The start time decides, give or take the second by which the kernel's boot time wavers."""
    process = psutil.Process()
    started = process.create_time()
    assert is_described(process, describe_process(process))
    assert is_described(process, f"{process.pid}:{started + 1}")
    assert not is_described(process, f"{process.pid}:{started - 60}")


def test_a_manifest_becomes_a_program(layout: Layout) -> None:
    """The command's first word is looked up among the cluster's binaries, the rest is passed on as it is."""
    put(layout, "etcd", "etcd", "--name=a b", "--format=%s")
    assert Node(layout).look()
    assert command(layout, "etcd")[-3:] == [str(layout.binaries / "etcd"), "--name=a b", "--format=%s"]


def test_nothing_changes_when_the_manifests_say_the_same(layout: Layout) -> None:
    """The same content in a new file is no change, neither for this node nor for one that was started anew."""
    node = Node(layout)
    put(layout, "etcd", "etcd")
    assert node.look()
    put(layout, "etcd", "etcd")
    assert not node.look()
    assert not Node(layout).look()


def test_a_changed_manifest_changes_its_program_only(layout: Layout) -> None:
    """Another command in one manifest leaves the other programs as they are."""
    put(layout, "etcd", "etcd")
    put(layout, "kube-apiserver", "kube-apiserver", "--v=1")
    Node(layout).look()
    before = layout.program("etcd").stat()
    put(layout, "kube-apiserver", "kube-apiserver", "--v=2")
    assert Node(layout).look()
    assert command(layout, "kube-apiserver")[-1] == "--v=2"
    assert layout.program("etcd").stat().st_mtime_ns == before.st_mtime_ns


def test_a_removed_manifest_removes_its_program(layout: Layout) -> None:
    """What is no longer in the folder is stopped."""
    put(layout, "etcd", "etcd")
    Node(layout).look()
    layout.manifest("etcd").unlink()
    assert Node(layout).look()
    assert not layout.program("etcd").exists()


def test_an_unreadable_manifest_stops_nothing(layout: Layout) -> None:
    """While a file is half-written, everything keeps running, also after the node itself was restarted."""
    put(layout, "etcd", "etcd")
    put(layout, "kube-apiserver", "kube-apiserver")
    Node(layout).look()
    layout.manifest("kube-apiserver").write_text("kind: Pod\nmetadata: {")
    assert not Node(layout).look()
    assert layout.program("kube-apiserver").exists()


def test_an_unreadable_manifest_is_noted_once(layout: Layout) -> None:
    """The fault is an event when it appears, not at every look."""
    node = Node(layout)
    layout.manifest("etcd").write_text("kind: Deployment")
    node.look()
    node.look()
    (event,) = read_events(layout.events)
    assert (event.component, event.kind) == ("node", "unreadable")
    assert str(layout.manifest("etcd")) in event.detail

"""The node: runs the static Pods of its manifest folder, as a kubelet would.

`python -m tools.controlplane.node FOLDER`. A new or changed manifest starts its command, the old process having ended
first; a manifest that is gone stops it; while any file cannot be read, nothing is stopped, for it may belong to that
file. supervisord runs the processes, so they survive this one, as containers survive a kubelet.

When the folder names an owner, a process that the cluster must not outlive, and that is gone, the node kills the
supervisor, and everything goes with it.
"""

import os
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil
from watchfiles import watch

from tools.controlplane.events import Event, write_event
from tools.controlplane.layout import Layout
from tools.controlplane.programs import Program, program_text
from tools.controlplane.settings import read_record
from tools.controlplane.static_pods import InvalidStaticPodError, StaticPod, parse_static_pod, read_manifests
from tools.controlplane.supervision import Supervisor

__all__ = ["Node", "describe_process", "is_described", "main"]

SAME_START = 2


class Node:
    """The manifests of a folder, turned into programs."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.manifests: dict[Path, bytes] | None = None
        self.unreadable: frozenset[str] = frozenset()

    def look(self) -> bool:
        """Make the program files say what the manifests say; whether any had to change."""
        manifests = read_manifests(self.layout.manifests)
        if manifests == self.manifests:
            return False
        self.manifests = manifests
        return self._write_programs(self._static_pods(manifests))

    def _write_programs(self, pods: Iterable[StaticPod]) -> bool:
        wanted = {self.layout.program(pod.name): self._program(pod) for pod in pods}
        changed = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
        for path in changed:
            draft = path.with_suffix(".new")
            draft.write_text(wanted[path])
            draft.replace(path)
        gone = [] if self.unreadable else [path for path in self.layout.programs.iterdir() if path not in wanted]
        for path in gone:
            path.unlink()
        return bool(changed or gone)

    def _static_pods(self, manifests: Mapping[Path, bytes]) -> list[StaticPod]:
        pods, faults = [], []
        for path, content in manifests.items():
            try:
                pods.append(parse_static_pod(path, content))
            except InvalidStaticPodError as fault:
                faults.append(str(fault))
        self._note(frozenset(faults))
        return pods

    def _note(self, faults: frozenset[str]) -> None:
        for fault in faults - self.unreadable:
            write_event(self.layout.events, Event(time=time.time(), component="node", kind="unreadable", detail=fault))
        self.unreadable = faults

    def _program(self, pod: StaticPod) -> str:
        program, *arguments = pod.command
        return program_text(
            self.layout,
            Program(
                name=pod.name,
                command=(str(self.layout.binaries / program), *arguments),
                environment=pod.environment,
                grace_period=pod.grace_period,
            ),
        )


def describe_process(process: psutil.Process) -> str:
    """A process as the folder names its owner: the start time tells it from a later one with the same number."""
    return f"{process.pid}:{process.create_time()}"


def is_described(process: psutil.Process, description: str) -> bool:
    """Whether it is that process. Two askers may be a second apart about its start, for so may their boot times be."""
    return abs(process.create_time() - float(description.partition(":")[2])) < SAME_START


def main(folder: str) -> None:
    """Watch the manifests for good."""
    layout = Layout(Path(folder))
    record = read_record(layout)
    if record is None:
        sys.exit(f"{folder}: no cluster here")
    if layout.owner.exists():
        threading.Thread(target=_die_with, args=[layout.owner.read_text()], daemon=True).start()
    node, supervisor = Node(layout), Supervisor(layout, record)
    node.look()
    supervisor.update()
    # The timeout makes up for a notification that was lost.
    for _ in watch(layout.manifests, watch_filter=None, debounce=100, rust_timeout=2_000, yield_on_timeout=True):
        if node.look():
            supervisor.update()


def _die_with(owner: str) -> None:
    try:
        process = psutil.Process(int(owner.partition(":")[0]))
        if is_described(process, owner):
            process.wait()
    except psutil.NoSuchProcess:
        pass
    psutil.Process(os.getppid()).kill()


if __name__ == "__main__":
    main(sys.argv[1])

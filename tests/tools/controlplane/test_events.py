"""The components' events."""

import json
import subprocess
import sys
from pathlib import Path

from tools.controlplane import launch
from tools.controlplane.events import Event, read_events, write_event


def test_events_are_read_oldest_first(tmp_path: Path) -> None:
    """Two writers may append out of order; the times decide."""
    file = tmp_path / "events.jsonl"
    for time in (2.0, 1.0):
        write_event(file, Event(time=time, component="etcd", kind="stopped"))
    assert [event.time for event in read_events(file)] == [1.0, 2.0]


def test_no_file_is_no_events(tmp_path: Path) -> None:
    """A cluster that never started has no events."""
    assert read_events(tmp_path / "events.jsonl") == []


def test_admission_plugins_are_read_from_the_command() -> None:
    """An API server's start says which admission plugins it was started with; of two flags the last counts."""
    flags = ("--enable-admission-plugins=A", "--v=1", "--enable-admission-plugins=NodeRestriction,PodSecurityPolicy")
    event = Event(time=0, component="kube-apiserver", kind="started", command=("kube-apiserver", *flags))
    assert event.admission_plugins == {"NodeRestriction", "PodSecurityPolicy"}
    assert Event(time=0, component="etcd", kind="started").admission_plugins == frozenset()


def test_nothing_is_launched_for_another_parent_than_the_supervisor(tmp_path: Path) -> None:
    """A component whose supervisor died in between must not start: nobody would end it."""
    command = [
        sys.executable,
        "-I",
        "-S",
        launch.__file__,
        str(tmp_path / "events"),
        "etcd",
        sys.executable,
        "-c",
        "print(1)",
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert "the supervisor is gone" in result.stderr


def test_the_start_is_written_as_an_event_that_can_be_read(tmp_path: Path) -> None:
    """What the launcher writes without any library is what the reader expects."""
    file = tmp_path / "events"
    file.write_text(
        json.dumps({"time": 1.5, "component": "etcd", "kind": "started", "pid": 7, "command": ["etcd"]}) + "\n"
    )
    assert read_events(file) == [Event(time=1.5, component="etcd", kind="started", pid=7, command=("etcd",))]

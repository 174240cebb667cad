"""The life of the components: started, stopped, crashed, and when.

Starts are written by the process itself right before it becomes the component, so their times are exact. The rest is
heard from supervisord by the program `python -m tools.controlplane.events FILE`, an event listener, and may be dated
a second late.
"""

import dataclasses
import os
import sys
import time
from pathlib import Path

import msgspec
from supervisor import childutils

__all__ = ["Event", "listen", "read_events", "write_event"]

KINDS = {
    "PROCESS_STATE_STOPPING": "stopping",
    "PROCESS_STATE_STOPPED": "stopped",
    "PROCESS_STATE_EXITED": "crashed",
    "PROCESS_STATE_BACKOFF": "crashed",
}
ADMISSION_PLUGINS = "--enable-admission-plugins="


@dataclasses.dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened to a component.

    Args:
        time: Seconds since the epoch.
        kind: started, stopping, stopped, crashed, or unreadable (a manifest).
    """

    time: float
    component: str
    kind: str
    pid: int | None = None
    command: tuple[str, ...] = ()
    detail: str = ""

    @property
    def admission_plugins(self) -> frozenset[str]:
        """What an API server was started with in --enable-admission-plugins."""
        values = [
            argument.removeprefix(ADMISSION_PLUGINS)
            for argument in self.command
            if argument.startswith(ADMISSION_PLUGINS)
        ]
        return frozenset(values[-1].split(",")) if values else frozenset()


def read_events(file: Path) -> list[Event]:
    """Every event so far, oldest first."""
    if not file.exists():
        return []
    # The last line may be half-written.
    complete = file.read_bytes().rpartition(b"\n")[0]
    events = [msgspec.json.decode(line, type=Event) for line in complete.splitlines()]
    return sorted(events, key=lambda event: event.time)


def write_event(file: Path, event: Event) -> None:
    """Append one event."""
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, msgspec.json.encode(event) + b"\n")
    finally:
        os.close(descriptor)


def listen(file: Path) -> None:
    """Write down what supervisord reports, for as long as it lives."""
    while True:
        headers, payload = childutils.listener.wait()
        body = childutils.get_headers(payload)
        write_event(
            file,
            Event(
                time=time.time(),
                component=body["processname"],
                kind=KINDS[headers["eventname"]],
                pid=int(body["pid"]) if "pid" in body else None,
            ),
        )
        childutils.listener.ok()


if __name__ == "__main__":
    listen(Path(sys.argv[1]))

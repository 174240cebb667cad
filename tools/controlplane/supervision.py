"""supervisord keeps the components running; this is how it is started, asked and stopped.

There is no pid file to go stale: the supervisor of a cluster is the process whose command line names that cluster's
supervisord.conf.
"""

import contextlib
import dataclasses
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psutil
import tenacity
from supervisor.xmlrpc import Faults, SupervisorTransport

from tools.controlplane.errors import ClusterError
from tools.controlplane.layout import Layout
from tools.controlplane.programs import EVENT_LISTENER
from tools.controlplane.settings import Record

__all__ = ["ProgramState", "Supervisor", "kill_supervisor", "supervisor_process"]

# These have something to finish, and are stopped one after the other behind their clients: an API server that has
# lost its etcd does not end. The clients keep nothing, and an idle scheduler of 1.24 does not end either.
SERVERS = ("kube-apiserver", "etcd")
# Every question also makes supervisord look after its children at once, instead of after its usual second.
POLL = tenacity.wait_fixed(0.05)


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProgramState:
    """What supervisord knows about a process.

    Args:
        state: supervisord's word: STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED or FATAL.
        since: Seconds since the epoch of the last start.
    """

    name: str
    state: str
    pid: int | None
    since: int | None


def supervisor_process(layout: Layout) -> psutil.Process | None:
    """The supervisor of a folder, if it lives."""
    for process in psutil.process_iter(["cmdline", "status"]):
        if str(layout.supervisor) in (process.info["cmdline"] or []) and process.info["status"] != psutil.STATUS_ZOMBIE:
            return process
    return None


def kill_supervisor(layout: Layout) -> None:
    """Kill the supervisor of a folder; the kernel kills its children with it."""
    process = supervisor_process(layout)
    with contextlib.suppress(psutil.NoSuchProcess):
        if process:
            children = process.children()
            process.kill()
            _wait_for_exit([process, *children])


class Supervisor:
    """The supervisord of one cluster."""

    def __init__(self, layout: Layout, record: Record) -> None:
        self.layout = layout
        self.record = record

    @property
    def _server(self) -> Any:
        # A transport is of no use after its first error, so each question gets its own. The proxy accepts nothing
        # but an http address.
        transport = SupervisorTransport(None, None, f"unix://{self.record.socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport).supervisor

    def launch(self) -> None:
        """Start the supervisor as a daemon, and with it every program that starts by itself."""
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self.layout.supervisor)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode:
            raise ClusterError(f"supervisord did not start ({result.returncode}): {result.stderr.strip()}")
        self._until(self.answers, 10)

    def answers(self) -> bool:
        """Whether the supervisor can be talked to."""
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            return bool(self._server.getState()["statename"] == "RUNNING")
        return False

    def programs(self) -> list[ProgramState]:
        """Every program and how it is."""
        return [
            ProgramState(
                name=info["name"], state=info["statename"], pid=info["pid"] or None, since=info["start"] or None
            )
            for info in self._server.getAllProcessInfo()
        ]

    def update(self) -> None:
        """Bring the programs in line with the configuration files: stop what is gone or changed, start what is new."""
        ((added, changed, removed),) = self._server.reloadConfig()
        for name in [*changed, *removed]:
            self.stop(name)
            self._server.removeProcessGroup(name)
        for name in [*changed, *added]:
            self._server.addProcessGroup(name)

    def start(self, name: str) -> None:
        """Start one program; a running one is left alone."""
        with _tolerated(Faults.ALREADY_STARTED):
            self._server.startProcess(name, False)

    def stop(self, name: str) -> None:
        """Stop one program and wait for its exit; supervisord kills what outlives its grace period."""
        with _tolerated(Faults.NOT_RUNNING):
            self._server.stopProcess(name, False)
        self._until(lambda: self._server.getProcessInfo(name)["statename"] in {"STOPPED", "EXITED", "FATAL"}, 60)

    def restart(self, *names: str) -> None:
        """Kill programs and start them again: for those that have nothing to finish."""
        self._stop_all(names, "KILL")
        for name in names:
            self.start(name)

    def shutdown(self) -> None:
        """Stop every program, then the supervisor."""
        running = [state.name for state in self.programs() if state.pid and state.name != EVENT_LISTENER]
        self._stop_all([name for name in running if name not in SERVERS], "KILL")
        for server in SERVERS:
            self._stop_all([name for name in running if name == server], "TERM")
        # What is left writes down events; told to stop, supervisord would take three seconds more over it.
        kill_supervisor(self.layout)

    def _stop_all(self, names: Sequence[str], signal: str) -> None:
        for name in names:
            with _tolerated(Faults.NOT_RUNNING):
                self._server.stopProcess(name, False)
                self._server.signalProcess(name, signal)
        self._until(lambda: not any(state.pid for state in self.programs() if state.name in names), 60)

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        tenacity.Retrying(
            wait=POLL, stop=tenacity.stop_after_delay(seconds), retry=tenacity.retry_if_result(lambda met: not met)
        )(condition)


def _wait_for_exit(processes: Sequence[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=15)
    if alive:
        raise ClusterError(f"these processes do not end: {', '.join(str(process.pid) for process in alive)}")


@contextlib.contextmanager
def _tolerated(code: int) -> Iterator[None]:
    try:
        yield
    except xmlrpc.client.Fault as fault:
        if fault.faultCode != code:
            raise

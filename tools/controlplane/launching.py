"""From a finished data folder to a cluster in which pods run."""

from pathlib import Path

import psutil
import tenacity

from tools.controlplane.building import Progress, link_binaries
from tools.controlplane.errors import PortTakenError
from tools.controlplane.layout import Layout
from tools.controlplane.node import Node, describe_process
from tools.controlplane.node_objects import kwok_objects, node_objects
from tools.controlplane.ports import holder, is_free
from tools.controlplane.programs import supervisor_text
from tools.controlplane.readiness import Readiness
from tools.controlplane.settings import Record
from tools.controlplane.supervision import Supervisor, kill_supervisor

__all__ = ["bind", "furnish", "launch"]


def bind(layout: Layout, owner: int | None) -> None:
    """Note the process that the cluster must not outlive."""
    layout.owner.unlink(missing_ok=True)
    if owner is not None:
        layout.owner.write_text(describe_process(psutil.Process(owner)))


def launch(supervisor: Supervisor) -> None:
    """Start the processes; nothing is waited for."""
    layout, record = supervisor.layout, supervisor.record
    # One that lives but does not answer.
    kill_supervisor(layout)
    _refuse_taken_ports(record)
    link_binaries(layout, record)
    Path(record.socket).parent.mkdir(mode=0o700, exist_ok=True)
    layout.supervisor.write_text(supervisor_text(layout, record))
    Node(layout).look()
    supervisor.launch()


def furnish(supervisor: Supervisor, progress: Progress) -> None:
    """Add what makes it a cluster with machines, and wait until pods can be created and run."""
    readiness = Readiness(supervisor.layout, supervisor.record)
    if not readiness.api.ready():
        progress("waiting for the API server")
        readiness.wait(readiness.api_server())
        # It has asked for an API server that was not there, and would pause longer before each new question.
        supervisor.restart("kube-scheduler")
    for manifest in [*kwok_objects(), *node_objects(supervisor.record.workers)]:
        readiness.api.create(manifest)
    supervisor.start("kwok")
    progress("waiting for controllers, scheduler and nodes")
    readiness.wait(readiness.everything())


def _refuse_taken_ports(record: Record) -> None:
    for name, port in vars(record.ports).items():
        if not _becomes_free(port):
            raise PortTakenError(
                f"ports.{name}: {port} is taken by {holder(port)}; "
                "end that, or destroy this cluster and start it anew on other ports"
            )


def _becomes_free(port: int) -> bool:
    # A server that was killed a moment ago may still be letting go of its port.
    retrying = tenacity.Retrying(
        wait=tenacity.wait_fixed(0.1),
        stop=tenacity.stop_after_delay(5),
        retry=tenacity.retry_if_result(lambda free: not free),
        retry_error_callback=lambda _: False,
    )
    return retrying(is_free, port)

"""From a finished data folder to a cluster in which pods run."""

from pathlib import Path

import psutil

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
    link_binaries(layout, record.version)
    Path(record.socket).parent.mkdir(mode=0o700, exist_ok=True)
    layout.supervisor.write_text(supervisor_text(layout, record))
    Node(layout).look()
    supervisor.launch()


def furnish(supervisor: Supervisor, progress: Progress) -> None:
    """Add what makes it a cluster with machines, and wait until pods can be created and run."""
    readiness = Readiness(supervisor.layout, supervisor.record)
    progress("waiting for the API server")
    readiness.wait(readiness.api_server())
    for manifest in [*kwok_objects(), *node_objects(supervisor.record.workers)]:
        readiness.api.create(manifest)
    supervisor.start("kwok")
    progress("waiting for controllers, scheduler and nodes")
    readiness.wait(readiness.everything())


def _refuse_taken_ports(record: Record) -> None:
    for name, port in vars(record.ports).items():
        if not is_free(port):
            raise PortTakenError(
                f"ports.{name}: {port} is taken by {holder(port)}; "
                "end that, or destroy this cluster and start it anew on other ports"
            )

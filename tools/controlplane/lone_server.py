"""An API server with its etcd and no more: it says to objects what it says, and no pod ever runs.

It may be newer than everything else here. kubeadm makes certificates, kubeconfigs and static Pods as for a whole
cluster, and the API server's runs the newer command; what is not started needs no such version.

It may become newer, too, over the data that the older one stored. Clusters go one minor version at a time; one API
server of 1.36.3 reads everything that one of 1.24.17 has written by itself, flow schemas and priority levels of
v1beta1 and endpoint slices of v1beta1 among it, so that no object is stored anew on the way. What it has no API for,
the policies, stays in etcd unread.

What is deleted in the foreground, as the kubernetes provider of Pulumi deletes, is gone only when a garbage collector
has let go of it. One of 1.24.17 does so on an API server of 1.36.3 as well.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.controlplane import building, launching
from tools.controlplane.configuration import without_plugin
from tools.controlplane.errors import NotStartedError
from tools.controlplane.kubeadm import Kubeadm
from tools.controlplane.layout import Layout
from tools.controlplane.readiness import Readiness
from tools.controlplane.settings import Record, Settings, read_record, write_record
from tools.controlplane.supervision import Supervisor, kill_supervisor

__all__ = ["LoneServer"]

CONTROLLERS = "kube-controller-manager"
SCHEDULER = "kube-scheduler"
# No controller makes the accounts that this plugin asks for.
FLAGS = {"disable-admission-plugins": "ServiceAccount"}
GONE_SINCE_1_25 = "PodSecurityPolicy"


class LoneServer:
    """An API server of that version in a new folder."""

    def __init__(
        self,
        folder: Path | str,
        version: str,
        flags: Mapping[str, str] | None = None,
        controllers: Sequence[str] = (),
    ) -> None:
        """Nothing happens yet.

        Args:
            flags: Entries of apiServer.extraArgs, without the leading dashes.
            controllers: Those that run beside it, as kube-controller-manager calls them: `garbagecollector`.
        """
        self.layout = Layout(Path(folder).resolve())
        self.version = version
        self.flags = {**FLAGS, **(flags or {})}
        self.controllers = tuple(controllers)

    def start(self, *, owner: int | None = None) -> None:
        """Make it, and return when it answers.

        Args:
            owner: A process that it must not outlive, even if that is killed.
        """
        building.claim(self.layout)
        settings = Settings(
            workers=0,
            api_server=self.version,
            api_server_flags=self.flags,
            controller_manager_flags=self._controller_flags,
        )
        record = building.build(self.layout, settings, building.silent)
        for component in (SCHEDULER,) if self.controllers else (SCHEDULER, CONTROLLERS):
            self.layout.manifest(component).unlink()
        launching.bind(self.layout, owner)
        self._launch(record)

    def stop(self) -> None:
        """Stop everything; the data stays."""
        supervisor = Supervisor(self.layout, self._record)
        if supervisor.answers():
            supervisor.shutdown()
        kill_supervisor(self.layout)

    def upgrade(self, version: str) -> None:
        """Start it in another version, stopped first if it runs: same address, same certificates, same data.

        The admission plugin that only versions up to 1.24 know is not asked for any more.
        """
        self.stop()
        record = dataclasses.replace(self._record, api_server=version)
        write_record(self.layout, record)
        self.version = version
        self.layout.configuration.write_text(without_plugin(self.layout.configuration.read_text(), GONE_SINCE_1_25))
        Kubeadm(self.layout).render_api_server()
        self._launch(record)

    def kubeconfig(self) -> Path:
        """The admin's."""
        return self.layout.kubeconfigs / "admin.conf"

    def destroy(self) -> None:
        """Stop everything at once and remove the folder."""
        if not self.layout.folder.exists():
            return
        building.claim(self.layout)
        kill_supervisor(self.layout)
        building.clear(self.layout)
        self.layout.lock.unlink()
        self.layout.folder.rmdir()

    @property
    def _controller_flags(self) -> Mapping[str, str]:
        # The controllers' own accounts, and their tokens, are the work of controllers that do not run.
        own = {"use-service-account-credentials": "false", "kubeconfig": str(self.kubeconfig())}
        return {"controllers": ",".join(self.controllers), **own} if self.controllers else {}

    @property
    def _record(self) -> Record:
        record = read_record(self.layout)
        if record is None:
            raise NotStartedError(f"{self.layout.folder}: there is no server here; start it first")
        return record

    def _launch(self, record: Record) -> None:
        launching.launch(Supervisor(self.layout, record))
        readiness = Readiness(self.layout, record)
        readiness.wait(readiness.api_server())

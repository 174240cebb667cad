"""An API server with its etcd and nothing else: it says to objects what it says, and no pod ever runs.

It may be newer than everything else here. kubeadm makes certificates, kubeconfigs and static Pods as for a whole
cluster, and the API server's runs the newer command; what is not started needs no such version.
"""

from pathlib import Path

from tools.controlplane import building, launching
from tools.controlplane.layout import Layout
from tools.controlplane.readiness import Readiness
from tools.controlplane.settings import Settings
from tools.controlplane.supervision import Supervisor, kill_supervisor

__all__ = ["LoneServer"]

LEFT_OUT = ("kube-controller-manager", "kube-scheduler")
# No controller makes the accounts that this plugin asks for.
FLAGS = {"disable-admission-plugins": "ServiceAccount"}


class LoneServer:
    """An API server of that version in a new folder."""

    def __init__(self, folder: Path | str, version: str) -> None:
        """Nothing happens yet."""
        self.layout = Layout(Path(folder).resolve())
        self.version = version

    def start(self, *, owner: int | None = None) -> None:
        """Make it, and return when it answers.

        Args:
            owner: A process that it must not outlive, even if that is killed.
        """
        building.claim(self.layout)
        settings = Settings(workers=0, api_server=self.version, api_server_flags=FLAGS)
        record = building.build(self.layout, settings, building.silent)
        for component in LEFT_OUT:
            self.layout.manifest(component).unlink()
        launching.bind(self.layout, owner)
        launching.launch(Supervisor(self.layout, record))
        readiness = Readiness(self.layout, record)
        readiness.wait(readiness.api_server())

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

"""The Python API: one embedded cluster, with real control-plane components and kwok for machines."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import filelock

from tools.controlplane import building, checkpoints, launching
from tools.controlplane.api import Api
from tools.controlplane.audit import AuditEvent, read_audit_log
from tools.controlplane.configuration import with_api_server_flags
from tools.controlplane.errors import ControlPlaneError, FolderInUseError, KubeadmError, NotStartedError
from tools.controlplane.events import Event, read_events
from tools.controlplane.identities import Identity, ServiceAccount
from tools.controlplane.kubeadm import Kubeadm
from tools.controlplane.layout import Layout
from tools.controlplane.readiness import Readiness
from tools.controlplane.settings import Record, Settings, read_record
from tools.controlplane.static_pods import InvalidStaticPodError, StaticPod, parse_static_pod
from tools.controlplane.supervision import ProgramState, Supervisor, kill_supervisor

__all__ = ["ControlPlane", "Status"]

API_SERVER = "kube-apiserver"
LOCK_TIMEOUT = 300


@dataclasses.dataclass(frozen=True, kw_only=True)
class Status:
    """How a cluster is.

    Args:
        state: absent, half-made, stopped or running.
        ready: Whether pods can be created, are scheduled, and run.
    """

    folder: str
    state: str
    ready: bool = False
    url: str | None = None
    version: str | None = None
    components: tuple[ProgramState, ...] = ()


class ControlPlane:
    """A cluster in a data folder; a second object for the same folder is the same cluster."""

    def __init__(self, folder: Path | str, settings: Settings | None = None) -> None:
        """Nothing happens yet. The settings matter to the first start only; the folder remembers them."""
        self.layout = Layout(Path(folder).resolve())
        self.settings = settings or Settings()

    @property
    def record(self) -> Record:
        """What the folder says about its cluster."""
        record = read_record(self.layout)
        if record is None:
            raise NotStartedError(f"{self.layout.folder}: there is no cluster here; start one first")
        return record

    @property
    def url(self) -> str:
        """The API server's address."""
        return self.record.url

    @property
    def config_file(self) -> Path:
        """kubeadm.yaml: InitConfiguration and ClusterConfiguration."""
        return self.layout.configuration

    @property
    def manifests(self) -> Path:
        """The folder that the node watches."""
        return self.layout.manifests

    @property
    def audit_log(self) -> Path:
        """The API server's audit log."""
        return self.layout.audit_log

    def start(self, *, owner: int | None = None, progress: building.Progress = building.silent) -> None:
        """Make the cluster if there is none, start what does not run, and return when pods can be created and run.

        Args:
            owner: A process that the cluster must not outlive, even if that is killed.
        """
        building.claim(self.layout)
        with self._locked():
            record = self._made(progress)
            supervisor = Supervisor(self.layout, record)
            if not supervisor.answers():
                launching.bind(self.layout, owner)
                launching.launch(supervisor)
            launching.furnish(supervisor, progress)

    def stop(self) -> None:
        """Stop everything; the data stays."""
        supervisor = Supervisor(self.layout, self.record)
        with self._locked():
            if supervisor.answers():
                supervisor.shutdown()
            kill_supervisor(self.layout)

    def destroy(self) -> None:
        """Stop everything at once and remove the folder."""
        if not self.layout.folder.exists():
            return
        building.claim(self.layout)
        with self._locked():
            kill_supervisor(self.layout)
            building.clear(self.layout)
            self.layout.lock.unlink()
        self.layout.folder.rmdir()

    def status(self) -> Status:
        """How the cluster is."""
        folder, record = str(self.layout.folder), read_record(self.layout)
        if record is None:
            return Status(folder=folder, state="half-made" if self.layout.lock.exists() else "absent")
        about = Status(folder=folder, state="stopped", url=record.url, version=record.version)
        supervisor = Supervisor(self.layout, record)
        if not supervisor.answers():
            return about
        ready = Readiness(self.layout, record).met()
        return dataclasses.replace(about, state="running", ready=ready, components=tuple(supervisor.programs()))

    def logs(self, component: str) -> str:
        """What a component has written."""
        known = sorted(log.stem for log in self.layout.logs.glob("*.log"))
        if component not in known:
            raise ControlPlaneError(
                f"component: {component!r} has no log in {self.layout.logs}; there are {', '.join(known)}"
            )
        return self.layout.log(component).read_text(errors="replace")

    def restart_api_server(self, flags: Mapping[str, str | None] | None = None) -> None:
        """Change entries of apiServer.extraArgs, have kubeadm render them, and return when the new server is ready.

        Args:
            flags: Without leading dashes; an entry that is None is taken out. None at all just restarts.
        """
        supervisor = self._running()
        with self._locked():
            starts = len(self._api_server_starts())
            before = self._api_server()
            self._configure(flags or {})
            if self._api_server() == before:
                supervisor.stop(API_SERVER)
                supervisor.start(API_SERVER)
            readiness = Readiness(self.layout, self.record)
            readiness.wait({API_SERVER: lambda: len(self._api_server_starts()) > starts and readiness.api.ready()})

    def wake_clients(self) -> None:
        """Start controllers, scheduler and kwok anew: after an outage each asks again only after up to a minute.

        The pause grows with every failure to 30 s, by chance to twice that (tools/cache/reflector.go, client-go 0.24).
        """
        self._running().restart("kube-controller-manager", "kube-scheduler", "kwok")

    def install_addons(self) -> None:
        """Put into kube-system what `kubeadm init` does: its configuration, CoreDNS and kube-proxy."""
        self._running()
        kubeadm = Kubeadm(self.layout)
        kubeadm.phase("upload-config", "kubeadm")
        kubeadm.phase("addon", "all")

    def kubeconfig(self, identity: Identity | None = None) -> Path:
        """A kubeconfig for the identity; for kubeadm's cluster admin by default."""
        _ = self.record  # Raises when there is no cluster.
        admin = self.layout.kubeconfigs / "admin.conf"
        if identity is None:
            return admin
        target, kubeadm = self.layout.kubeconfigs / identity.file_name, Kubeadm(self.layout)
        if isinstance(identity, ServiceAccount):
            token = Api(admin).token(identity.namespace, identity.name)
            return building.write_private(target, kubeadm.token_kubeconfig(identity.username, token))
        if target.exists():
            return target
        return building.write_private(target, kubeadm.user_kubeconfig(identity.name, identity.groups))

    def audit_events(self) -> Iterator[AuditEvent]:
        """Every change asked of the API server so far, and its answer, oldest first."""
        return read_audit_log(self.layout.audit_log)

    def events(self) -> list[Event]:
        """Starts, stops and crashes of the components, oldest first."""
        return read_events(self.layout.events)

    def checkpoint(self) -> None:
        """Remember the present state for `reset`."""
        supervisor = self._running()
        with self._locked():
            supervisor.stop("etcd")
            checkpoints.save(self.layout)
            supervisor.start("etcd")
            readiness = Readiness(self.layout, self.record)
            readiness.wait(readiness.everything())

    def reset(self) -> None:
        """Go back to the checkpoint: objects, configuration and manifests as they were, audit log and events empty."""
        supervisor = Supervisor(self.layout, self.record)
        with self._locked():
            kill_supervisor(self.layout)
            checkpoints.restore(self.layout)
            launching.launch(supervisor)
            launching.furnish(supervisor, building.silent)

    def _made(self, progress: building.Progress) -> Record:
        record = read_record(self.layout)
        if record is None:
            kill_supervisor(self.layout)
            return building.build(self.layout, self.settings, progress)
        if record.version != self.settings.version:
            raise FolderInUseError(
                f"version: {self.settings.version!r} was asked for, {self.layout.folder} holds {record.version!r}: "
                "name another folder, or destroy the cluster first"
            )
        return record

    def _running(self) -> Supervisor:
        supervisor = Supervisor(self.layout, self.record)
        if not supervisor.answers():
            raise NotStartedError(f"{self.layout.folder}: the cluster is stopped; start it first")
        return supervisor

    def _configure(self, flags: Mapping[str, str | None]) -> None:
        before = self.layout.configuration.read_text()
        self.layout.configuration.write_text(with_api_server_flags(before, flags))
        try:
            Kubeadm(self.layout).render_api_server()
        except KubeadmError:
            self.layout.configuration.write_text(before)
            raise

    def _api_server(self) -> StaticPod | None:
        # Somebody may have taken the manifest away, or broken it; then the one that kubeadm renders is a new one.
        manifest = self.layout.manifest(API_SERVER)
        with contextlib.suppress(OSError, InvalidStaticPodError):
            return parse_static_pod(manifest, manifest.read_bytes())
        return None

    def _api_server_starts(self) -> list[Event]:
        return [event for event in self.events() if event.component == API_SERVER and event.kind == "started"]

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        lock = filelock.FileLock(self.layout.lock, timeout=LOCK_TIMEOUT)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise ControlPlaneError(f"{self.layout.folder}: another process is busy with this cluster") from None
        try:
            yield
        finally:
            lock.release()

"""Where everything of one cluster lies in its data folder. Paths only: nothing here reads or writes."""

import dataclasses
from pathlib import Path

__all__ = ["Layout"]


@dataclasses.dataclass(frozen=True)
class Layout:
    """The files of one cluster, by name."""

    folder: Path

    @property
    def lock(self) -> Path:
        """Held while the cluster is being changed; its presence marks the folder as ours."""
        return self.folder / "control-plane.lock"

    @property
    def record(self) -> Path:
        """Version, size and ports. Written last: a folder without it is half-made."""
        return self.folder / "cluster.json"

    @property
    def configuration(self) -> Path:
        """kubeadm's InitConfiguration and ClusterConfiguration."""
        return self.folder / "kubeadm.yaml"

    @property
    def pki(self) -> Path:
        """Certificates and keys, made by kubeadm."""
        return self.folder / "pki"

    @property
    def kubeconfigs(self) -> Path:
        """One kubeconfig per identity."""
        return self.folder / "kubeconfigs"

    @property
    def manifests(self) -> Path:
        """The static Pods of the node; what a kubelet calls staticPodPath."""
        return self.folder / "manifests"

    @property
    def binaries(self) -> Path:
        """Links to the programs, by the names that the static Pods use."""
        return self.folder / "bin"

    @property
    def etcd(self) -> Path:
        """etcd's data."""
        return self.folder / "etcd"

    @property
    def audit_policy(self) -> Path:
        """What the API server writes to the audit log."""
        return self.folder / "audit-policy.yaml"

    @property
    def audit_log(self) -> Path:
        """The API server's audit log; rotated files lie beside it."""
        return self.folder / "audit" / "audit.log"

    @property
    def logs(self) -> Path:
        """One log per component."""
        return self.folder / "logs"

    @property
    def events(self) -> Path:
        """Starts, stops and crashes of the components, one JSON object per line."""
        return self.folder / "events.jsonl"

    @property
    def owner(self) -> Path:
        """The process that the cluster must not outlive, as `PID:START TIME`; may be missing."""
        return self.folder / "owner"

    @property
    def supervisor(self) -> Path:
        """supervisord's configuration."""
        return self.folder / "supervisord.conf"

    @property
    def programs(self) -> Path:
        """One supervisord program per static Pod."""
        return self.folder / "programs"

    @property
    def checkpoint(self) -> Path:
        """The saved state that a reset goes back to."""
        return self.folder / "checkpoint"

    def log(self, component: str) -> Path:
        """The log of one component."""
        return self.logs / f"{component}.log"

    def manifest(self, component: str) -> Path:
        """The static Pod manifest of one component."""
        return self.manifests / f"{component}.yaml"

    def program(self, component: str) -> Path:
        """The supervisord program made from one static Pod."""
        return self.programs / f"{component}.conf"

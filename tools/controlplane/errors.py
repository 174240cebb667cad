"""What can go wrong with an embedded cluster, each error saying what to do about it."""

__all__ = ["ClusterError", "ControlPlaneError", "FolderInUseError", "KubeadmError", "NotStartedError", "PortTakenError"]


class ControlPlaneError(Exception):
    """Root of every error of this package."""


class NotStartedError(ControlPlaneError):
    """The operation needs a running cluster, and there is none in the folder."""


class FolderInUseError(ControlPlaneError):
    """The folder holds something else than the cluster that was asked for."""


class PortTakenError(ControlPlaneError):
    """Another program listens on a port that an existing cluster was built with."""


class KubeadmError(ControlPlaneError):
    """kubeadm refused a configuration or could not do a phase."""


class ClusterError(ControlPlaneError):
    """A component did not come up; the message ends with the last lines of its log."""

"""What a person does so that control-plane nodes follow a kubeadm configuration, and how far they are."""

from __future__ import annotations

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.apiservers import Agreement, agreement
from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin, kubernetes_version
from pulumi_pod_security.platforms.configurations import NODE, Configuration, LiveConfiguration
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["Following", "require_version"]

_UNNAMED = f"{NODE} stands for each control-plane node"


class Following:
    """Nodes that follow a configuration when someone runs kubeadm on them, in either direction.

    Only those that do not follow yet are named; where no mirror pod names any, `NODE` stands for each.

    Args:
        configuration: what they follow.
        connection: how the cluster is reached.
    """

    def __init__(self, configuration: Configuration, connection: Connection) -> None:
        self._configuration = configuration
        self._connection = connection
        self._live = LiveConfiguration(connection)

    @property
    def standing(self) -> str:
        """Such as `2 of 3 API servers run the plugin; still without: cp-3`; raises PodSecurityError."""
        found = self._agreement()
        if self._is_wanted():
            return _coming(found)
        return _held(found, self._live) if self._live.holds_plugin() else _going(found)

    @property
    def command(self) -> str:
        """What to run, one node after the other; raises PodSecurityError."""
        found = self._agreement()
        late = found.without if self._is_wanted() else found.running
        # With none late, what is seen is older than what a dry run met: all nodes are named.
        nodes = late or (*found.running, *found.without) or (NODE,)
        self.require_version()
        return self._configuration.command(nodes)

    def require_version(self) -> None:
        """Refuse a configuration of another version than the API server's: nodes that follow it would change theirs.

        Raises:
            PodSecurityError: naming both; kubeadm chooses a version by itself where the configuration names none.
        """
        require_version(self._configuration, self._cluster().version.git_version)

    def _is_wanted(self) -> bool:
        return enables_plugin(self._configuration.read())

    def _agreement(self) -> Agreement:
        return agreement(self._cluster())

    def _cluster(self) -> Cluster:
        return Cluster(self._connection.open())


def require_version(configuration: Configuration, version: str) -> None:
    """Refuse a configuration that does not name this version of Kubernetes; raises SwitchError naming both."""
    named = kubernetes_version(configuration.read())
    if named is None or _release(named) != _release(version):
        raise SwitchError(
            f"{configuration}: kubernetesVersion: {shown(named)}; allowed: {version!r}, which the API server runs: "
            "nodes that are rendered from it would get another"
        )


def _release(version: str) -> str:
    return version.removeprefix("v").partition("+")[0]


def _coming(found: Agreement) -> str:
    if not found.servers:
        return f"the API server does not run the plugin yet ({_UNNAMED})"
    late = f"; still without: {', '.join(found.without)}" if found.without else ""
    return f"{len(found.running)} of {found.servers} API servers run the plugin{late}{_unseen(found)}"


def _going(found: Agreement) -> str:
    if not found.servers:
        return f"the API server still runs the PodSecurityPolicy plugin ({_UNNAMED})"
    late = f": {', '.join(found.running)}" if found.running else ""
    return f"{len(found.running)} of {found.servers} API servers still run the plugin{late}{_unseen(found)}"


def _held(found: Agreement, live: LiveConfiguration) -> str:
    """Whatever runs now: a node that is rendered anew would run the plugin."""
    if not found.servers:
        return f"{live} still names the PodSecurityPolicy plugin ({_UNNAMED})"
    return f"{_going(found)}; {live} still names it"


def _unseen(found: Agreement) -> str:
    if not found.unseen:
        return ""
    named = "" if found.running or found.without else f" ({_UNNAMED})"
    return f"; without a mirror pod that tells: {', '.join(found.unseen)}{named}"

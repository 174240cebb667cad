"""What a person does so that control-plane nodes follow a kubeadm configuration, and how far they are."""

from __future__ import annotations

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.platforms.apiservers import Agreement, agreement
from pulumi_pod_security.platforms.clusterconfiguration import enables_plugin
from pulumi_pod_security.platforms.configurations import NODE, Configuration

__all__ = ["Following"]

_UNNAMED = f"{NODE} stands for each control-plane node"


class Following:
    """Nodes that follow a configuration when someone runs kubeadm on them, in either direction.

    Only those that do not follow yet are named; where no mirror pod names any, `NODE` stands for each.

    Args:
        configuration: what they follow.
        connection: how the cluster is reached.
        version: the API server's version, such as `v1.24.17`.
    """

    def __init__(self, configuration: Configuration, connection: Connection, version: str) -> None:
        self._configuration = configuration
        self._connection = connection
        self._version = version

    @property
    def standing(self) -> str:
        """Such as `2 of 3 API servers run the plugin; still without: cp-3`; raises PodSecurityError."""
        found = self._agreement()
        return _coming(found) if self._is_wanted() else _going(found)

    @property
    def command(self) -> str:
        """What to run, one node after the other; raises PodSecurityError."""
        found = self._agreement()
        late = found.without if self._is_wanted() else found.running
        # With none late, what is seen is older than what a dry run met: all nodes are named.
        nodes = late or (*found.running, *found.without) or (NODE,)
        return self._configuration.command(nodes, self._version)

    def _is_wanted(self) -> bool:
        return enables_plugin(self._configuration.read())

    def _agreement(self) -> Agreement:
        return agreement(Cluster(self._connection.open()))


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


def _unseen(found: Agreement) -> str:
    return f"; without a mirror pod that tells: {', '.join(found.unseen)}" if found.unseen else ""

"""How many API servers a cluster has: a switch made on one node leaves the others as they are.

Every API server keeps its address in the Endpoints `kubernetes` of namespace `default`. Not told apart: API servers
that all advertise one load balancer's address, or that run with `--endpoint-reconciler-type=none`.
"""

from __future__ import annotations

import msgspec

from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.platforms.switch import SwitchError

__all__ = ["ENDPOINTS_RIGHT", "require_single_apiserver"]

ENDPOINTS_RIGHT = Right(verb="get", resource="endpoints")
"""What `require_single_apiserver` asks of the kubeconfig."""

_PATH = "/api/v1/namespaces/default/endpoints/kubernetes"
# Forbidden, or not there: whether the kubeconfig may do enough is asked elsewhere.
_CANNOT_TELL = (403, 404)


class _Address(msgspec.Struct):
    ip: str = ""


class _Subset(msgspec.Struct):
    addresses: list[_Address] | None = None


class _Endpoints(msgspec.Struct):
    subsets: list[_Subset] | None = None


def require_single_apiserver(cluster: Cluster) -> None:
    """Refuse to switch by one node's manifest a cluster that has several API servers; go on where nobody can tell.

    Raises:
        SwitchError: with the addresses of the API servers.
        ClusterError: no server answers.
    """
    addresses = _addresses(cluster)
    if len(addresses) > 1:
        raise SwitchError(
            f"{cluster.api.where} has {len(addresses)} API servers ({', '.join(addresses)}), and the manifests of one "
            "node switch only that node's; leave `node` out, so that only the configuration is changed, run the "
            "command that is then stated on one control-plane node, and on each other one: sudo kubeadm upgrade node"
        )


def _addresses(cluster: Cluster) -> list[str]:
    try:
        found = cluster.api.get(_PATH, _Endpoints)
    except Refused as refusal:
        if refusal.code in _CANNOT_TELL:
            return []
        raise
    return sorted({address.ip for subset in found.subsets or () for address in subset.addresses or ()})

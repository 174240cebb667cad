"""The API servers of a cluster: how many there are, and which of them run the plugin.

A request goes to one of them, so that a dry run cannot tell what the others do. Every API server keeps its address in
the Endpoints `kubernetes` of namespace `default`, and one that is a static Pod is shown by its node's kubelet as a
mirror pod, command line included. Of several addresses, one without a mirror pod may do either; a single address is the
one that answers. Not told apart: API servers that all advertise one load balancer's address, or that run with
`--endpoint-reconciler-type=none`, where there are no mirror pods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from pulumi_pod_security.admission.wellknown import MIRROR
from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.questions import Cluster, Right
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.policy.plugin import PLUGIN

__all__ = ["ENDPOINTS_RIGHT", "Agreement", "agreement", "require_single_apiserver"]

T = TypeVar("T")
ENDPOINTS_RIGHT = Right(verb="get", resource="endpoints")
"""What `require_single_apiserver` asks of the kubeconfig."""

_ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
_PODS = "/api/v1/namespaces/kube-system/pods"
_COMPONENT = "kube-apiserver"
# Written by kubelets alone (MirrorPodAnnotation in the kubelet's pod manager, v1.24.17).
# Flags may be given as one argument, as two, or inside a shell's.
_PLUGINS = re.compile(r"--enable-admission-plugins[= ]+([\w,]+)")
_ADVERTISED = re.compile(r"--advertise-address[= ]+([\w.:]+)")
# Forbidden, or not there: whether the kubeconfig may do enough is asked elsewhere.
_CANNOT_TELL = (403, 404)


class _Address(msgspec.Struct):
    ip: str = ""


class _Subset(msgspec.Struct):
    addresses: list[_Address] | None = None


class _Endpoints(msgspec.Struct):
    subsets: list[_Subset] | None = None


class _Metadata(msgspec.Struct):
    annotations: dict[str, str] | None = None


class _Container(msgspec.Struct):
    name: str = ""
    command: list[str] | None = None
    args: list[str] | None = None


class _Spec(msgspec.Struct, rename="camel"):
    node_name: str = ""
    containers: list[_Container] | None = None


class _Status(msgspec.Struct):
    host_ip: str = msgspec.field(default="", name="hostIP")


class _Pod(msgspec.Struct):
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)
    spec: _Spec = msgspec.field(default_factory=_Spec)
    status: _Status = msgspec.field(default_factory=_Status)

    @property
    def line(self) -> str:
        """The command line of the API server."""
        found = [container for container in self.spec.containers or () if container.name == _COMPONENT]
        return " ".join(part for one in found for part in (*(one.command or ()), *(one.args or ())))

    @property
    def addresses(self) -> frozenset[str]:
        """What the API server may have put into the Endpoints."""
        return frozenset({self.status.host_ip, *_ADVERTISED.findall(self.line)})

    @property
    def runs_plugin(self) -> bool:
        """Repeated flags add up."""
        return any(PLUGIN in flag.split(",") for flag in _PLUGINS.findall(self.line))


class _Pods(msgspec.Struct):
    items: list[_Pod] | None = None


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What the mirror pods say of the plugin; nothing contradicts the one API server that answers.

    Attributes:
        running: the nodes whose API server runs it.
        without: the nodes whose API server does not.
        unseen: addresses of API servers of which no mirror pod tells.
    """

    running: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def all_run(self) -> bool:
        """Whether no API server is known to lack it, and none may."""
        return not (self.without or self.unseen)

    @property
    def none_runs(self) -> bool:
        """Whether no API server is known to run it, and none may."""
        return not (self.running or self.unseen)

    @property
    def servers(self) -> int:
        """How many API servers there are, as far as is known."""
        return len(self.running) + len(self.without) + len(self.unseen)


def agreement(cluster: Cluster) -> Agreement:
    """Ask for the mirror pods of all API servers, and for addresses that none of these has.

    Raises:
        ClusterError: no server answers; not when the kubeconfig may not list pods, which is as if there were none.
    """
    pods, addresses = _mirror_pods(cluster), _addresses(cluster)
    if not pods and len(addresses) == 1:
        return Agreement()
    told = frozenset().union(*(pod.addresses for pod in pods))
    return Agreement(
        running=_nodes(pod for pod in pods if pod.runs_plugin),
        without=_nodes(pod for pod in pods if not pod.runs_plugin),
        unseen=tuple(address for address in addresses if address not in told),
    )


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
            "node switch only that node's; leave them out (in a program `node`, in a stack's configuration "
            "`manifests`), so that only the configuration is changed, and run what is then stated for each "
            "control-plane node"
        )


def _mirror_pods(cluster: Cluster) -> list[_Pod]:
    found = _told(cluster, _PODS, _Pods, labelSelector=f"component={_COMPONENT}")
    return [pod for pod in found.items or () if MIRROR in (pod.metadata.annotations or {})]


def _nodes(pods: Iterator[_Pod]) -> tuple[str, ...]:
    return tuple(sorted(pod.spec.node_name for pod in pods))


def _addresses(cluster: Cluster) -> list[str]:
    found = _told(cluster, _ENDPOINTS, _Endpoints)
    return sorted({address.ip for subset in found.subsets or () for address in subset.addresses or ()})


def _told(cluster: Cluster, path: str, kind: type[T], **query: str) -> T:
    """What is at the path; nothing where we may not know."""
    try:
        return cluster.api.get(path, kind, **query)
    except Refused as refusal:
        if refusal.code in _CANNOT_TELL:
            return kind()
        raise

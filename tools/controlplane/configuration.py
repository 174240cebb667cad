"""The kubeadm configuration of an embedded cluster: kubeadm's defaults, moved to loopback and into the data folder."""

from collections.abc import Mapping
from typing import Any

import yaml

from tools.controlplane.layout import Layout
from tools.controlplane.ports import LOOPBACK
from tools.controlplane.settings import ADVERTISED_ADDRESS, CONTROL_PLANE_NODE, Ports, Settings

__all__ = ["initial_configuration", "with_api_server_flags", "without_plugin"]

API_VERSION = "kubeadm.k8s.io/v1beta3"
PLUGINS = "enable-admission-plugins"


def initial_configuration(layout: Layout, settings: Settings, ports: Ports) -> str:
    """kubeadm.yaml for a new cluster."""
    return yaml.safe_dump_all([_node(ports), _cluster(layout, settings, ports)], sort_keys=False)


def with_api_server_flags(configuration: str, flags: Mapping[str, str | None]) -> str:
    """The configuration with these entries in apiServer.extraArgs; an entry that is None is taken out."""
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(configuration))
    for document in documents:
        if document["kind"] == "ClusterConfiguration":
            api_server = document.setdefault("apiServer", {})
            merged = {**api_server.get("extraArgs", {}), **flags}
            api_server["extraArgs"] = {name: value for name, value in merged.items() if value is not None}
    return yaml.safe_dump_all(documents, sort_keys=False)


def without_plugin(configuration: str, plugin: str) -> str:
    """The configuration with an admission plugin taken out of those to enable; the flag goes with its last one."""
    documents: list[dict[str, Any]] = list(yaml.safe_load_all(configuration))
    (cluster,) = (document for document in documents if document["kind"] == "ClusterConfiguration")
    enabled = cluster.get("apiServer", {}).get("extraArgs", {}).get(PLUGINS, "").split(",")
    kept = ",".join(name for name in enabled if name != plugin)
    return with_api_server_flags(configuration, {PLUGINS: kept or None})


def _node(ports: Ports) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "InitConfiguration",
        "localAPIEndpoint": {"advertiseAddress": ADVERTISED_ADDRESS, "bindPort": ports.api_server},
        "nodeRegistration": {"name": CONTROL_PLANE_NODE, "criSocket": "unix:///run/containerd/containerd.sock"},
    }


def _cluster(layout: Layout, settings: Settings, ports: Ports) -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": "ClusterConfiguration",
        "clusterName": "embedded",
        "kubernetesVersion": f"v{settings.version}",
        "controlPlaneEndpoint": f"{LOOPBACK}:{ports.api_server}",
        "certificatesDir": str(layout.pki),
        # No podSubnet: handing out node CIDRs makes the controller manager wait ten seconds before it does anything.
        "networking": {"serviceSubnet": "10.96.0.0/12"},
        "apiServer": _api_server(layout, settings),
        "controllerManager": {"extraArgs": _controller_manager(layout, settings, ports)},
        "scheduler": {"extraArgs": _client_of_api_server(layout, "scheduler", ports.scheduler)},
        "etcd": {"local": {"dataDir": str(layout.etcd), "extraArgs": _etcd(ports)}},
    }


def _api_server(layout: Layout, settings: Settings) -> dict[str, Any]:
    return {
        "certSANs": [LOOPBACK, "localhost"],
        "extraArgs": {
            "bind-address": LOOPBACK,
            "audit-policy-file": str(layout.audit_policy),
            "audit-log-path": str(layout.audit_log),
            # Else a server of 1.24 waits for its watchers until it is killed, half a minute after being told to stop.
            "shutdown-send-retry-after": "true",
            **settings.api_server_flags,
        },
    }


def _controller_manager(layout: Layout, settings: Settings, ports: Ports) -> dict[str, str]:
    return {
        **_client_of_api_server(layout, "controller-manager", ports.controller_manager),
        # At the usual 20 requests a second the accounts of its controllers alone take four seconds.
        "kube-api-qps": "200",
        "kube-api-burst": "400",
        **settings.controller_manager_flags,
    }


def _client_of_api_server(layout: Layout, component: str, port: int) -> dict[str, str]:
    kubeconfig = str(layout.kubeconfigs / f"{component}.conf")
    return {
        "kubeconfig": kubeconfig,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "secure-port": str(port),
        # There is one of each, and a lease left by a killed one would hold up its successor.
        "leader-elect": "false",
    }


def _etcd(ports: Ports) -> dict[str, str]:
    client, peer = f"https://{LOOPBACK}:{ports.etcd_client}", f"https://{LOOPBACK}:{ports.etcd_peer}"
    return {
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"{CONTROL_PLANE_NODE}={peer}",
        "listen-metrics-urls": f"http://{LOOPBACK}:{ports.etcd_metrics}",
        # The data need not outlive a power failure.
        "unsafe-no-fsync": "true",
    }

"""The configuration that kubeadm is given."""

from typing import Any

import pytest
import yaml

from tools.controlplane.configuration import initial_configuration, with_api_server_flags, without_plugin
from tools.controlplane.layout import Layout
from tools.controlplane.settings import Ports, Settings

PORTS = Ports(api_server=1, controller_manager=2, scheduler=3, kwok=4, etcd_client=5, etcd_peer=6, etcd_metrics=7)


@pytest.fixture
def configuration(layout: Layout) -> str:
    """kubeadm.yaml of a new cluster."""
    return initial_configuration(
        layout, Settings(api_server_flags={"v": "2"}, controller_manager_flags={"v": "3"}), PORTS
    )


def cluster(configuration: str) -> dict[str, Any]:
    """Its ClusterConfiguration."""
    (found,) = (
        document for document in yaml.safe_load_all(configuration) if document["kind"] == "ClusterConfiguration"
    )
    return dict(found)


def test_everything_is_on_loopback_and_in_the_folder(configuration: str, layout: Layout) -> None:
    """No address but loopback is listened on, and no path outside of the data folder is used."""
    found = cluster(configuration)
    assert found["controlPlaneEndpoint"] == "127.0.0.1:1"
    assert found["apiServer"]["extraArgs"]["bind-address"] == "127.0.0.1"
    assert found["etcd"]["local"]["extraArgs"]["listen-client-urls"] == "https://127.0.0.1:5"
    paths = [
        found["certificatesDir"],
        found["etcd"]["local"]["dataDir"],
        found["apiServer"]["extraArgs"]["audit-log-path"],
    ]
    assert all(path.startswith(str(layout.folder)) for path in paths)


def test_the_version_is_given_so_that_kubeadm_asks_nobody(configuration: str) -> None:
    """Without a version kubeadm would look one up on the network."""
    assert cluster(configuration)["kubernetesVersion"] == "v1.24.17"


def test_own_flags_are_among_the_arguments(configuration: str) -> None:
    """Flags from the settings reach the API server and the controllers."""
    assert cluster(configuration)["apiServer"]["extraArgs"]["v"] == "2"
    assert cluster(configuration)["controllerManager"]["extraArgs"]["v"] == "3"


def test_flags_are_set_kept_and_taken_out(configuration: str) -> None:
    """A change of flags touches the named ones and nothing else in the file."""
    changed = with_api_server_flags(configuration, {"enable-admission-plugins": "NodeRestriction", "v": None})
    before, after = cluster(configuration), cluster(changed)
    arguments = after["apiServer"].pop("extraArgs")
    expected = before["apiServer"].pop("extraArgs") | {"enable-admission-plugins": "NodeRestriction"}
    del expected["v"]
    assert arguments == expected
    assert after == before


@pytest.mark.parametrize(
    ("enabled", "left"),
    [
        ("NodeRestriction,PodSecurityPolicy", "NodeRestriction"),
        ("PodSecurityPolicy,NodeRestriction", "NodeRestriction"),
        ("PodSecurityPolicy", None),
        ("NodeRestriction", "NodeRestriction"),
        (None, None),
    ],
)
def test_a_plugin_is_taken_out(configuration: str, enabled: str | None, left: str | None) -> None:
    """The others stay, in their order; without any the flag goes, so that those on by default are not touched."""
    given = with_api_server_flags(configuration, {"enable-admission-plugins": enabled})
    found = cluster(without_plugin(given, "PodSecurityPolicy"))
    assert found["apiServer"]["extraArgs"].get("enable-admission-plugins") == left

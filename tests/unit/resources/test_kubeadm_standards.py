"""Pod Security's defaults as a resource, as far as no server is needed; the rest is among the integration tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN

import pulumi_pod_security as ps
from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.resources.kubeadm_standards import KubeadmStandardsProvider
from pulumi_pod_security.testing import Registration
from tests.unit.support.programs import recorded
from tests.unit.support.servers import configured
from tests.unit.support.world import World, kubeconfig

PROPS: dict[str, Any] = {
    "kubeconfig": "/none/kubeconfig",
    "context": None,
    "config": "/none/kubeadm.yaml",
    "manifests": "/none/manifests",
    "kubeadm": "kubeadm",
    "folder": "/none/pod-security",
    "enforce": "baseline",
    "audit": None,
    "warn": None,
    "usernames": [],
    "namespaces": ["kube-system"],
    "runtime_classes": [],
    "timeout_seconds": 300.0,
}
PROVIDER = KubeadmStandardsProvider()


@pytest.mark.parametrize(
    "changed", [{"kubeconfig": UNKNOWN}, {"enforce": None}, {"usernames": ["ci"]}, {"folder": "/other"}], ids=str
)
def test_a_changed_input_is_a_change(changed: dict[str, Any]) -> None:
    """No server is asked, which may not be there yet."""
    assert PROVIDER.diff("standards", PROPS, {**PROPS, **changed}).changes


def test_what_is_not_known_yet_is_not_judged() -> None:
    """As in the preview of a cluster that the same program makes."""
    assert not PROVIDER.check({}, {**PROPS, "kubeconfig": UNKNOWN}).failures


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("v1.24.17-eks-1", "Amazon EKS: the API server's flag --admission-control-config-file, "),
        ("v1.24.17-mirantis-1", "Mirantis Kubernetes Engine: the API server's flag "),
    ],
)
def test_a_managed_control_plane_is_refused(world: World, version: str, words: str) -> None:
    """With what to use instead; nothing is asked of the node."""
    world.version = {**world.version, "gitVersion": version}
    (failure,) = PROVIDER.check({}, {**PROPS, "kubeconfig": kubeconfig(world.address)}).failures
    assert failure.reason.startswith(words)
    assert "ps.NamespaceStandards" in failure.reason


def test_a_server_without_the_plugin_is_refused(world: World) -> None:
    """With what to use instead."""
    world.version = {"major": "1", "minor": "22", "gitVersion": "v1.22.0"}
    (failure,) = PROVIDER.check({}, {**PROPS, "kubeconfig": kubeconfig(world.address)}).failures
    assert "they are read from 1.23 on; use PodSecurityBaseline there" in failure.reason


def test_one_node_of_several_is_refused(world: World) -> None:
    """One node's manifest is one of several."""
    configured(world)
    world.servers = ("192.0.2.1", "192.0.2.2")
    (failure,) = PROVIDER.check({}, {**PROPS, "kubeconfig": kubeconfig(world.address)}).failures
    assert "has 2 API servers (192.0.2.1, 192.0.2.2)" in failure.reason


def test_paths_are_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Providers run in a process with a folder of its own."""
    monkeypatch.chdir(tmp_path)
    inputs = made(config="kubeadm.yaml", node=ps.KubeadmNode(manifests="manifests")).inputs
    assert inputs["config"] == str(tmp_path / "kubeadm.yaml")
    assert inputs["manifests"] == str(tmp_path / "manifests")
    assert inputs["folder"] == "/etc/kubernetes/pod-security"
    assert inputs["namespaces"] == ["kube-system"]


@pytest.mark.parametrize("given", ["apiVersion: v1\nusers: []", pulumi.Output.from_input("~/.kube/config")])
def test_a_kubeconfig_by_its_contents_is_a_secret(given: Any) -> None:
    """As every other resource keeps it."""
    assert "kubeconfig" in made(kubeconfig=given).secrets


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"enforce": "strict"}, "KubeadmStandardsArgs.enforce: 1 fault\n  level: 'strict'; allowed: one of"),
        ({"warn": "baseline:24"}, "KubeadmStandardsArgs.warn: 1 fault\n  version: '24'; allowed: 'latest'"),
        ({"timeout_seconds": 0}, "timeout_seconds: 0; allowed: a number of seconds"),
        ({"context": ""}, "context: ''; allowed: the name of a context"),
    ],
)
def test_what_is_wrong_is_said_at_once(given: dict[str, Any], words: str) -> None:
    """Before anything is registered."""
    with pytest.raises(InvalidInput) as refused:
        ps.KubeadmStandardsArgs(**{"config": "kubeadm.yaml", **given})
    assert words in str(refused.value)


def made(**args: Any) -> Registration:
    """The resource as a program registers it."""
    exempt = ps.PodSecurityExemptions(namespaces=("kube-system",))
    given = ps.KubeadmStandardsArgs(**{"config": "kubeadm.yaml", "enforce": "baseline", "exemptions": exempt, **args})
    graph = recorded(lambda: ps.KubeadmStandards("standards", given))
    (registration,) = graph.of_type("pulumi-python:dynamic/pod-security:KubeadmStandards")
    return registration

"""The command on a real API server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Api
from pulumi_pod_security.cluster.connection import Connection
from tests.fixtures.waiting import eventually
from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.terminal import PRIVILEGED_CONTAINER, deployment, run, written
from tools.controlplane import ControlPlane

pytestmark = pytest.mark.integration

_PLACES = {
    "PodSecurityPolicy": "/apis/policy/v1beta1/podsecuritypolicies",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "Deployment": "/apis/apps/v1/namespaces/default/deployments",
}


def _manifest(name: str, **spec: Any) -> dict[str, Any]:
    """A Deployment that a server takes, with labels."""
    found = deployment(name, "default", **spec)
    found["spec"]["template"]["metadata"] = {"labels": {"app": name}}
    found["spec"]["selector"] = {"matchLabels": {"app": name}}
    return found


@pytest.fixture(scope="module")
def kubeconfig(control_plane: ControlPlane) -> Iterator[str]:
    """A cluster with two policies, of which everyone may use one, and two Deployments with their pods."""
    path = str(control_plane.kubeconfig())
    api = Connection(kubeconfig=path).open()
    deployments = (_manifest("web"), _manifest("cart", containers=[PRIVILEGED_CONTAINER]))
    for manifest in (DEFAULT, PRIVILEGED, *grant("default"), *deployments):
        api.post(_PLACES[manifest["kind"]], manifest, dict[str, Any])
    eventually(lambda: _pods(api) == 2, 60)
    yield path
    control_plane.reset()


def _pods(api: Api) -> int:
    return sum(1 for _ in api.items("/api/v1/namespaces/default/pods", dict[str, Any]))


def test_judges_what_runs(kubeconfig: str) -> None:
    """A Deployment, its ReplicaSet and its pod are one question, and the reasons are the plugin's."""
    done = run("check", "--kubeconfig", kubeconfig, "--output", "json")
    assert done.exit_code == 1
    report = json.loads(done.stdout)
    found = {(entry["namespace"], entry["kind"], entry["name"]): entry for entry in report["workloads"]}
    assert {key for key in found if key[0] == "default"} == {
        ("default", "Deployment", "cart"),
        ("default", "Deployment", "web"),
    }
    assert found["default", "Deployment", "web"]["policy"] == "default"
    cart = found["default", "Deployment", "cart"]
    assert any("securityContext.privileged: Invalid value: true" in reason for reason in cart["reasons"])
    assert report["faults"] == []
    assert set(report["policies"]) == {"default", "privileged"}


def test_judges_a_chart_beside_the_cluster(kubeconfig: str, tmp_path: Path) -> None:
    """By the cluster's rules, and nothing of the cluster is listed."""
    done = run("check", written(tmp_path, [_manifest("new")]), "--kubeconfig", kubeconfig, "--explain", "new")
    assert done.exit_code == 0
    assert "1 workload: 1 admitted, 0 refused" in done.stdout
    assert "  2. privileged: passed over: " in done.stdout


def test_tells_who_can(kubeconfig: str) -> None:
    """From the RBAC that the server has, its own included."""
    done = run("who-can", "default", "--kubeconfig", kubeconfig)
    assert done.exit_code == 0
    assert "group system:authenticated may use policy default: ClusterRoleBinding default gives" in done.stdout
    nodes = run("can", "nodes", "--kubeconfig", kubeconfig)
    assert nodes.stdout.splitlines()[0] == "can nodes: no policy at all"

"""The embedded control plane, on real processes: what a cluster can do."""

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.waiting import eventually
from tools.controlplane import ControlPlane, ControlPlaneError, ServiceAccount, User
from tools.controlplane.api import Api

pytestmark = pytest.mark.integration

POD = {"metadata": {"name": "probe"}, "spec": {"containers": [{"name": "web", "image": "nginx"}]}}
POLICY = {
    "metadata": {"name": "anything"},
    "spec": {
        "privileged": True,
        "volumes": ["*"],
        **{name: {"rule": "RunAsAny"} for name in ("seLinux", "runAsUser", "supplementalGroups", "fsGroup")},
    },
}


@pytest.fixture
def cluster(control_plane: ControlPlane) -> ControlPlane:
    """The shared cluster as it was in the beginning."""
    control_plane.reset()
    return control_plane


@pytest.fixture
def admin(control_plane: ControlPlane) -> Api:
    """The shared cluster's API server, as cluster admin."""
    return Api(control_plane.kubeconfig())


@pytest.fixture
def namespace(admin: Api) -> str:
    """A namespace of the test's own, so that the cluster needs no reset."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    admin.call("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
    eventually(lambda: admin.exists(f"/api/v1/namespaces/{name}/serviceaccounts/default"))
    return name


def deployment(name: str, replicas: int) -> dict[str, Any]:
    """A Deployment of a web server."""
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": POD["spec"]}
    return {
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }


def running(api: Api, namespace: str, count: int) -> Callable[[], bool]:
    """Whether so many pods are there and all of them run."""
    path = f"/api/v1/namespaces/{namespace}/pods"
    return lambda: [pod["status"]["phase"] for pod in api.call("GET", path)["items"]] == ["Running"] * count


def pods(namespace: str) -> str:
    """Where pods are asked for without being made."""
    return f"/api/v1/namespaces/{namespace}/pods?dryRun=All"


def allow(admin: Api, namespace: str, subject: dict[str, str]) -> None:
    """Let a subject create pods in the namespace."""
    path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "pods"}
    binding = {"metadata": {"name": "pods"}, "roleRef": role, "subjects": [subject]}
    admin.call("POST", f"{path}/roles", {"metadata": {"name": "pods"}, "rules": rules})
    admin.call("POST", f"{path}/rolebindings", binding)


@pytest.mark.thorough
def test_times_are_shown(make_control_plane: Callable[..., ControlPlane], figure: Callable[[str], None]) -> None:
    """How long a cluster takes is shown: from nothing, from its data, and for the API server alone."""
    begin = time.monotonic()
    cluster = make_control_plane()
    shown = [f"start from nothing {time.monotonic() - begin:.1f} s"]
    for name, operation in {
        "restart of the API server": cluster.restart_api_server,
        "stop": cluster.stop,
        "start from data": cluster.start,
        "start of a running one": cluster.start,
        "checkpoint": cluster.checkpoint,
        "reset": cluster.reset,
        "destroy": cluster.destroy,
    }.items():
        begin = time.monotonic()
        operation()
        shown.append(f"{name} {time.monotonic() - begin:.1f} s")
    figure(f"control plane: {', '.join(shown)}")
    assert not cluster.layout.folder.exists()


def test_nodes_are_ready_and_pods_run(admin: Api, namespace: str) -> None:
    """A Deployment's pods are created by controllers, scheduled, and reported Running."""
    nodes = admin.call("GET", "/api/v1/nodes")["items"]
    assert [node["metadata"]["name"] for node in nodes] == ["control-plane", "worker-1"]
    admin.call("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments", deployment("web", 3))
    eventually(running(admin, namespace, 3))
    found = admin.call("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]
    assert {pod["spec"]["nodeName"] for pod in found} == {"worker-1"}, "the control-plane node takes no ordinary pods"


def test_woken_clients_wait_for_no_lease(control_plane: ControlPlane, admin: Api, namespace: str) -> None:
    """Pods run soon after controllers, scheduler and kwok were started anew, whatever the killed ones held."""
    control_plane.wake_clients()
    admin.call("POST", f"/apis/apps/v1/namespaces/{namespace}/deployments", deployment("web", 1))
    eventually(running(admin, namespace, 1), 20)


def test_addons_run_in_kube_system(control_plane: ControlPlane, admin: Api) -> None:
    """kubeadm's CoreDNS and kube-proxy run in kube-system, and its configuration can be read there."""
    control_plane.install_addons()
    eventually(running(admin, "kube-system", 4))
    stored = admin.call("GET", "/api/v1/namespaces/kube-system/configmaps/kubeadm-config")
    assert "certificatesDir" in stored["data"]["ClusterConfiguration"]


def test_authorizers_are_node_and_rbac(control_plane: ControlPlane) -> None:
    """A user may do nothing that no role allows, and a node may not change another node."""
    with pytest.raises(ControlPlaneError, match='User "nobody" cannot list resource "pods"'):
        Api(control_plane.kubeconfig(User(name="nobody"))).call("GET", "/api/v1/pods")
    node = Api(control_plane.kubeconfig(User(name="system:node:worker-1", groups=("system:nodes",))))
    other = node.call("GET", "/api/v1/nodes/control-plane")
    with pytest.raises(ControlPlaneError, match='node "worker-1" is not allowed to modify node "control-plane"'):
        node.call("PUT", "/api/v1/nodes/control-plane/status", other)


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        (User(name="jane"), {"kind": "User", "name": "jane"}),
        (User(name="jane", groups=("devs",)), {"kind": "Group", "name": "devs"}),
    ],
    ids=["by-name", "by-group"],
)
def test_a_kubeconfig_is_its_user(
    control_plane: ControlPlane, admin: Api, namespace: str, user: User, subject: dict[str, str]
) -> None:
    """What is granted to a user or group is allowed to the holder of its kubeconfig."""
    allow(admin, namespace, subject)
    Api(control_plane.kubeconfig(user)).call("POST", pods(namespace), POD)
    (event,) = (event for event in control_plane.audit_events() if event.request_uri == pods(namespace))
    assert (event.user.username, event.response_status.code) == ("jane", 201)


def test_a_kubeconfig_is_its_service_account(control_plane: ControlPlane, admin: Api, namespace: str) -> None:
    """What is granted to a service account is allowed to the holder of its kubeconfig."""
    allow(admin, namespace, {"kind": "ServiceAccount", "name": "default", "namespace": namespace})
    account = ServiceAccount(namespace=namespace, name="default")
    Api(control_plane.kubeconfig(account)).call("POST", pods(namespace), POD)
    (event,) = (event for event in control_plane.audit_events() if event.request_uri == pods(namespace))
    assert (event.user.username, event.response_status.code) == (f"system:serviceaccount:{namespace}:default", 201)


def test_the_audit_log_has_policies_in_full_and_no_secrets(
    control_plane: ControlPlane, admin: Api, namespace: str
) -> None:
    """The body of a policy can be read in the log, a Secret's content cannot."""
    admin.call("POST", "/apis/policy/v1beta1/podsecuritypolicies", {**POLICY, "metadata": {"name": namespace}})
    secret = {"metadata": {"name": "s"}, "stringData": {"key": "jabberwocky"}}
    admin.call("POST", f"/api/v1/namespaces/{namespace}/secrets", secret)
    (event,) = (event for event in control_plane.audit_events() if event.object_ref.resource == "podsecuritypolicies")
    assert event.request_object["spec"]["privileged"] is True
    assert "jabberwocky" not in control_plane.audit_log.read_text()
    assert "amFiYmVyd29ja3k" not in control_plane.audit_log.read_text()


def test_other_flags_reach_the_api_server_through_kubeadm(cluster: ControlPlane, admin: Api, namespace: str) -> None:
    """With PodSecurityPolicy on, a pod without a policy is refused; the server's start and the refusal are dated."""
    allow(admin, namespace, {"kind": "User", "name": "jane"})
    jane = Api(cluster.kubeconfig(User(name="jane")))
    jane.call("POST", pods(namespace), POD)
    cluster.restart_api_server({"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"})
    with pytest.raises(ControlPlaneError, match="PodSecurityPolicy: no providers available"):
        jane.call("POST", pods(namespace), POD)
    first, second = (
        event for event in cluster.events() if (event.component, event.kind) == ("kube-apiserver", "started")
    )
    assert first.admission_plugins == {"NodeRestriction"}
    assert second.admission_plugins == {"NodeRestriction", "PodSecurityPolicy"}
    before, after = (event for event in cluster.audit_events() if event.user.username == "jane")
    assert (before.response_status.code, after.response_status.code) == (201, 403)
    assert "no providers available" in after.response_status.message
    assert before.time < second.time < after.time


def test_an_api_server_that_cannot_start_is_an_error_and_recovers_at_once(cluster: ControlPlane) -> None:
    """The server's own words are in the error; good flags bring it back without waiting for a back-off."""
    with pytest.raises(ControlPlaneError, match='plugin \\\\"Nonsense\\\\" is unknown'):
        cluster.restart_api_server({"enable-admission-plugins": "Nonsense"})
    assert not cluster.status().ready
    cluster.restart_api_server({"enable-admission-plugins": None})
    assert cluster.status().ready


def test_a_reset_undoes_everything(cluster: ControlPlane, admin: Api) -> None:
    """Objects, flags and the records of what happened are as in the beginning."""
    admin.call("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})
    cluster.restart_api_server({"v": "1"})
    cluster.reset()
    assert not admin.exists("/api/v1/namespaces/shop")
    assert "v: " not in cluster.config_file.read_text()
    assert not any("--v=1" in event.command for event in cluster.events())
    assert not any(event.object_ref.name == "shop" for event in cluster.audit_events())


def test_the_command_line_leaves_a_cluster_that_stays_up(tmp_path: Path) -> None:
    """After the starting command has ended the cluster runs on, until another command stops it."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tools.controlplane", *arguments, "--dir", str(tmp_path / "my cluster")]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    try:
        started = run("start", "--workers", "0")
        assert started.returncode == 0, started.stderr
        assert "waiting for the API server" in started.stderr
        assert json.loads(run("status", "--json").stdout)["ready"] is True
        assert run("logs", "etcd").stdout
        assert run("stop").returncode == 0
        assert "stopped, not ready" in run("status").stdout
    finally:
        assert run("destroy").returncode == 0

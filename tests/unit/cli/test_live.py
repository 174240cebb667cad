"""The commands on a live cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.objects import owner, pod, pod_spec
from tests.unit.support.terminal import deployment, run, written
from tests.unit.support.world import World, kubeconfig

RBAC = "/apis/rbac.authorization.k8s.io/v1"
POLICIES = "/apis/policy/v1beta1/podsecuritypolicies"
DEPLOYMENTS = "/apis/apps/v1/deployments"


def bare(found: dict[str, Any]) -> dict[str, Any]:
    """The object as an item of a server's list, which does not repeat its kind."""
    return {key: value for key, value in found.items() if key not in ("apiVersion", "kind")}


@pytest.fixture
def cluster(world: World) -> str:
    """The kubeconfig of a cluster with two policies, one of which everyone may use, and two workloads."""
    role, binding = grant("default")
    world.lists |= {
        POLICIES: [bare(DEFAULT), bare(PRIVILEGED)],
        f"{RBAC}/clusterroles": [bare(role)],
        f"{RBAC}/clusterrolebindings": [bare(binding)],
        DEPLOYMENTS: [owner("web"), owner("cart", spec=pod_spec(hostPID=True))],
        "/api/v1/pods": [pod(f"web-{number}", ownerReferences=[controller()]) for number in range(5)],
    }
    return kubeconfig(world.address)


def controller() -> dict[str, Any]:
    """The owner of a Deployment's pods."""
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "u", "controller": True}


def test_judges_what_runs(world: World, cluster: str) -> None:
    """Everything comes from the server, page by page; pods like their template are not listed again."""
    world.page = 2
    done = run("check", "--kubeconfig", cluster)
    assert done.exit_code == 1
    lines = [line for line in done.stdout.splitlines() if line.startswith(("admitted", "refused"))]
    assert lines == [
        "refused  shop/Deployment/cart (service account shop:default) cluster:shop/Deployment/cart",
        "admitted shop/Deployment/web by policy default (service account shop:default) cluster:shop/Deployment/web",
    ]
    assert "5 owned objects like their owners" in done.stdout
    assert "judged as if the PodSecurityPolicy plugin were on" in done.stdout
    assert all("limit" in call.query for call in world.asked("/api/v1/pods"))
    assert len(world.asked("/api/v1/pods")) == 3


def test_judges_files_by_the_clusters_rules(world: World, cluster: str, tmp_path: Path) -> None:
    """The cluster's own workloads are not even read."""
    done = run("check", written(tmp_path, [deployment("new")]), "--kubeconfig", cluster, "--context", "standin")
    assert done.exit_code == 0
    assert "1 workload: 1 admitted, 0 refused" in done.stdout
    assert world.asked(DEPLOYMENTS) == []


def test_files_stand_for_the_clusters_objects(cluster: str, tmp_path: Path) -> None:
    """A policy in a chart counts as if it had been applied; that it replaces one is told."""
    stricter = {**DEFAULT, "spec": {**DEFAULT["spec"], "volumes": ["secret"]}}
    volumes = [{"name": "tmp", "emptyDir": {}}]
    mine = written(tmp_path, [stricter, deployment("new", volumes=volumes)])
    done = run("check", mine, "--kubeconfig", cluster)
    assert done.exit_code == 1
    assert "default: spec.volumes[0]: Invalid value: " in done.stdout
    assert "1 object gave way to those of the same name in a file or an option" in done.stdout


def test_a_cluster_without_the_api_says_so(world: World, cluster: str) -> None:
    """From 1.25 on nothing is judged by the server's policies; by given ones it is, and the version is told."""
    world.absent.add(POLICIES)
    world.version = {"major": "1", "minor": "30", "gitVersion": "v1.30.1"}
    done = run("check", "--kubeconfig", cluster)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "runs Kubernetes v1.30.1, which has no PodSecurityPolicy any more" in done.stderr
    tried = run("check", "--kubeconfig", cluster, "--policy", "privileged")
    assert tried.exit_code == 0
    assert "the verdicts are those of a 1.24 server with the given policies" in tried.stdout


def test_a_cluster_without_policies_refuses_everything(world: World, cluster: str) -> None:
    """That is what the plugin does, and is a verdict."""
    world.lists[POLICIES] = []
    done = run("check", "--kubeconfig", cluster)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1] == "    there is no policy"


def test_who_can_on_a_cluster_without_the_api(world: World, cluster: str) -> None:
    """The rights outlive the policies; both is said."""
    world.absent.add(POLICIES)
    world.version = {"major": "1", "minor": "25", "gitVersion": "v1.25.0"}
    done = run("who-can", "default", "--kubeconfig", cluster)
    assert done.exit_code == 0
    assert "group system:authenticated may use policy default: ClusterRoleBinding default gives" in done.stdout
    assert "(removed in 1.25): the rights are still there, and nothing asks for them" in done.stdout
    assert "there is no policy 'default'" in done.stdout
    assert world.asked(DEPLOYMENTS) == []


def test_a_server_that_does_not_answer_is_2(world: World, cluster: str) -> None:
    """With the server's words or the address, and no traceback."""
    world.absent.add(f"{RBAC}/roles")
    done = run("check", "--kubeconfig", cluster)
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"GET {RBAC}/roles: the server could not find the requested resource" in done.stderr
    nobody = run("check", "--kubeconfig", kubeconfig("http://127.0.0.1:1"))
    assert nobody.exit_code == 2
    assert "no Kubernetes API server answers at http://127.0.0.1:1" in nobody.stderr
    assert run("check", "--kubeconfig", cluster, "--context", "other").exit_code == 2


def test_a_workload_that_no_server_would_send_is_a_fault(world: World, cluster: str) -> None:
    """It is named by its place; the rest is judged."""
    world.lists[DEPLOYMENTS].append({"metadata": {"name": "odd", "namespace": "shop"}, "spec": 7})
    done = run("check", "--kubeconfig", cluster)
    assert done.exit_code == 2
    assert "  cluster:shop/Deployment/odd.spec: 7; allowed: a mapping" in done.stdout
    assert "2 workloads: " in done.stdout


def test_custom_resources_are_listed_where_they_are_pointed_at(world: World, cluster: str) -> None:
    """By the group and kind of `--template`; a kind that the server does not know is refused."""
    world.answers = {
        "/apis/argoproj.io": {"preferredVersion": {"groupVersion": "argoproj.io/v1alpha1"}},
        "/apis/argoproj.io/v1alpha1": {"resources": [{"name": "rollouts", "kind": "Rollout"}]},
    }
    world.lists["/apis/argoproj.io/v1alpha1/rollouts"] = [owner("slow", spec=pod_spec(hostPID=True))]
    done = run("check", "--kubeconfig", cluster, "--template", "argoproj.io/Rollout=spec.template")
    assert "refused  shop/Rollout/slow (service account shop:default) cluster:shop/Rollout/slow" in done.stdout
    assert "of the cluster's custom resources only argoproj.io/Rollout are read" in done.stdout
    unknown = run("check", "--kubeconfig", cluster, "--template", "argoproj.io/Rolout=spec.template")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "--template: 'argoproj.io/Rolout'; allowed: a kind of argoproj.io that the server has" in unknown.stderr


def test_a_built_in_kind_needs_no_pointing(cluster: str) -> None:
    """It is listed once."""
    done = run("check", "--kubeconfig", cluster, "--template", "apps/Deployment=spec.template")
    assert done.stdout.count("shop/Deployment/cart (") == 1

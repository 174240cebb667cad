"""Pods under a policy that is gone, brought under the present one on a real control plane: `pod-security recycle`."""

import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import pulumi_pod_security as ps
from tests.fixtures.waiting import eventually
from tests.integration.support.furniture import mirror_pod
from tests.unit.support.granting import grant
from tests.unit.support.objects import pod_spec
from tools.controlplane import ControlPlane, Settings, User
from tools.walk.kubectl import Kubectl
from tools.walk.report import running

pytestmark = pytest.mark.integration

EKS = "eks.privileged"
ON = {"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"}
GRANT = ps.Grant(policy="privileged", namespace="kube-system", subjects=[ps.nodes(), ps.service_accounts()])


class Cloud:
    """A cluster whose provider lets everyone use a policy of its own."""

    def __init__(self, cluster: ControlPlane, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.kubectl = Kubectl(cluster.kubeconfig(), cluster.record.version)

    def apply(self, *manifests: dict[str, Any], verb: str = "apply") -> None:
        """Apply or delete objects."""
        file = self.folder / "objects.yaml"
        file.write_text(yaml.safe_dump_all(manifests), encoding="utf-8")
        self.kubectl.run(verb, f"--filename={file}")

    def policies(self, namespace: str, selector: str = "") -> dict[str, str | None]:
        """What the pods of a namespace carry, by their names."""
        pods = self.kubectl.get("pods", f"--namespace={namespace}", f"--selector={selector}")["items"]
        return {
            pod["metadata"]["name"]: pod["metadata"].get("annotations", {}).get("kubernetes.io/psp") for pod in pods
        }

    def command(self, *arguments: str) -> list[str]:
        """The command line of a recycling."""
        return [
            *(sys.executable, "-m", "pulumi_pod_security.cli", "recycle"),
            *("--kubeconfig", str(self.cluster.kubeconfig()), *arguments),
        ]

    def recycle(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Recycle to the end, which must be this exit code."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        return done

    def restarts(self, kind: str, name: str) -> int:
        """How often a template was changed."""
        changes = (
            event
            for event in self.cluster.audit_events()
            if event.object_ref.resource == kind and event.object_ref.name == name and event.verb == "patch"
        )
        return sum(1 for _ in changes)

    def cordon(self, verb: str = "cordon") -> None:
        """Let no node take new pods, or let them again."""
        for node in self.kubectl.get("nodes")["items"]:
            self.kubectl.run(verb, node["metadata"]["name"])


def workload(kind: str, name: str, replicas: int, namespace: str = "shop") -> dict[str, Any]:
    """A workload of that kind."""
    labels = {"app": name}
    more = {"serviceName": name} if kind == "StatefulSet" else {}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            **more,
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod_spec(terminationGracePeriodSeconds=0)},
        },
    }


def defaults() -> list[dict[str, Any]]:
    """The provider's policy, and what lets everyone use it."""
    policy = ps.presets.privileged().to_manifest()
    policy["metadata"]["name"] = EKS
    return [policy, *grant(EKS)]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A cluster that ran under the provider's policy, which gave way to a baseline for kube-system and for `shop`."""
    cluster = ControlPlane(tmp_path_factory.mktemp("cloud"), Settings(api_server_flags=ON))
    try:
        cluster.start(owner=os.getpid())
        cloud = Cloud(cluster, tmp_path_factory.mktemp("objects"))
        _furnish(cloud)
        shop = ps.Grant(policy="default", namespace="shop", subjects=[ps.service_accounts()])
        cloud.apply(*ps.psp_manifests([ps.presets.privileged(), ps.presets.default()], [GRANT, shop]))
        cloud.apply(*defaults(), verb="delete")
        yield cloud
    finally:
        cluster.destroy()


def _furnish(cloud: Cloud) -> None:
    cloud.apply(*defaults())
    cloud.cluster.install_addons()
    cloud.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in ("shop", "bank")))
    budget = {"minAvailable": 2, "selector": {"matchLabels": {"app": "till"}}}
    node = cloud.kubectl.get("node", "control-plane")
    cloud.apply(
        workload("Deployment", "cart", 2),
        workload("StatefulSet", "db", 2),
        workload("ReplicaSet", "till", 3),
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": {"name": "till", "namespace": "shop"},
            "spec": budget,
        },
        workload("Deployment", "vault", 1, "bank"),
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug", "namespace": "shop"}, "spec": pod_spec()},
    )
    kubelet = Kubectl(
        cloud.cluster.kubeconfig(User(name="system:node:control-plane", groups=("system:nodes",))),
        cloud.cluster.record.version,
    )
    file = cloud.folder / "mirror.yaml"
    file.write_text(yaml.safe_dump(mirror_pod(node)), encoding="utf-8")
    kubelet.run("create", f"--filename={file}")
    eventually(lambda: [len(_ready(cloud, name)) for name in ("kube-system", "shop", "bank")] == [5, 8, 1], 60)


def _ready(cloud: Cloud, namespace: str) -> list[dict[str, Any]]:
    return running(cloud.kubectl, f"--namespace={namespace}") or []


@pytest.mark.story
class TestRecycling:
    """What is out of date is found, recycled, stopped at, killed, and in the end up to date."""

    def test_a_dry_run_names_everything_and_touches_nothing(self, cloud: Cloud) -> None:
        """What would be restarted, what would be refused, what nobody makes anew."""
        before = cloud.policies("kube-system"), cloud.policies("shop")
        done = cloud.recycle("--dry-run", code=1)
        lines = done.stdout.splitlines()
        assert [line for line in lines if line.startswith("would ")] == [
            "would restart kube-system/DaemonSet/kube-proxy: 2 pods, eks.privileged -> privileged",
            "would restart kube-system/Deployment/coredns: 2 pods, eks.privileged -> privileged",
            "would restart shop/Deployment/cart: 2 pods, eks.privileged -> default",
            "would evict the pods of shop/ReplicaSet/till: 3 pods, eks.privileged -> default",
            "would restart shop/StatefulSet/db: 2 pods, eks.privileged -> default",
        ]
        assert [line for line in lines if line.startswith("left as it is")] == [
            "left as it is: bank/Deployment/vault: 1 pod, eks.privileged -> refused",
            "left as it is: kube-system/Pod/kube-apiserver-control-plane: 1 pod, eks.privileged -> privileged",
            "left as it is: shop/Pod/debug: 1 pod, eks.privileged -> default",
        ]
        assert 'grant one: - {policy: POLICY, namespace: bank, to: ["serviceaccount:default"]}' in done.stdout
        assert "the mirror of a static pod of node control-plane" in done.stdout
        assert before == (cloud.policies("kube-system"), cloud.policies("shop"))

    def test_the_clusters_own_pods_come_under_the_baseline(self, cloud: Cloud) -> None:
        """All new, all running, and the mirror pod as it was."""
        before = cloud.policies("kube-system")
        cloud.recycle("--namespace", "kube-system")
        after = cloud.policies("kube-system")
        kept = before.keys() & after.keys()
        assert kept == {"kube-apiserver-control-plane"}
        assert {policy for name, policy in after.items() if name not in kept} == {"privileged"}
        assert len(_ready(cloud, "kube-system")) == 5
        assert set(cloud.policies("shop").values()) == {EKS}

    def test_a_second_run_finds_nothing_there(self, cloud: Cloud) -> None:
        """What was restarted carries the present policy."""
        assert cloud.recycle("--namespace", "kube-system").stdout.endswith(
            "0 recycled, 1 left as they are (5 pods looked at)\n"
        )
        assert cloud.restarts("daemonsets", "kube-proxy") == 1

    def test_it_stops_at_what_does_not_come_back(self, cloud: Cloud) -> None:
        """No node takes new pods: the first workload is named with its pods' words, and none after it is touched."""
        cloud.cordon()
        done = cloud.recycle("--namespace", "shop", "--timeout", "4", "--output", "json", code=1)
        stopped = json.loads(done.stdout)["stopped"]
        assert stopped.startswith("shop/Deployment/cart did not come back, and nothing after it was touched: ")
        assert "node(s) were unschedulable" in stopped
        assert "shop/Deployment/cart: " in done.stderr
        assert set(cloud.policies("shop", "app in (till, db)").values()) == {EKS}
        undo = shlex.split(stopped.rpartition("take its restart back: kubectl ")[2])
        cloud.kubectl.run(*undo)
        cloud.cordon("uncordon")
        eventually(lambda: len(_ready(cloud, "shop")) == 8, 60)

    def test_killed_in_the_middle_and_run_again(self, cloud: Cloud) -> None:
        """The restart that was under way is waited for, not repeated; then the others have their turn."""
        patched = cloud.restarts("deployments", "cart")
        cloud.cordon()
        with subprocess.Popen(cloud.command("--namespace", "shop"), stdout=subprocess.DEVNULL) as run:
            eventually(lambda: cloud.restarts("deployments", "cart") > patched, 60)
            run.send_signal(signal.SIGKILL)
        with subprocess.Popen(
            cloud.command("--namespace", "shop"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as again:
            assert again.stderr is not None
            assert again.stderr.readline().startswith("shop/Deployment/cart: ")
            cloud.cordon("uncordon")
            told = again.communicate()[0]
        assert again.returncode == 0
        assert cloud.restarts("deployments", "cart") == patched + 1
        assert [line.partition(":")[0] for line in told.splitlines()][:3] == [
            "waited for shop/Deployment/cart",
            "evicted the pods of shop/ReplicaSet/till",
            "restarted shop/StatefulSet/db",
        ]
        assert cloud.policies("shop", "app").items() >= {("db-0", "default"), ("db-1", "default")}
        assert set(cloud.policies("shop", "app").values()) == {"default"}

    def test_what_would_be_refused_was_never_touched(self, cloud: Cloud) -> None:
        """Nor was the pod that nobody would have made anew."""
        cloud.recycle(code=1)
        assert set(cloud.policies("bank").values()) == {EKS}
        assert cloud.policies("shop")["debug"] == EKS
        assert cloud.restarts("deployments", "vault") == 0

    def test_nothing_was_refused_on_the_way(self, cloud: Cloud) -> None:
        """The audit log has no pod that somebody could not create."""
        refused = [
            event
            for event in cloud.cluster.audit_events()
            if event.verb == "create"
            and event.object_ref.resource == "pods"
            and not event.object_ref.subresource
            and "dryRun=" not in event.request_uri
            and event.response_status.code >= 400
        ]
        assert refused == []

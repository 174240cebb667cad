"""A cluster whose plugin was on before there was any policy: its nodes are not ready, and come back."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import pulumi_pod_security as ps
from tests.fixtures.waiting import eventually
from tests.integration.support.joining import CNI, Network, cni, join_anew
from tests.integration.support.outcome import refused, succeeded
from tests.integration.support.project import Project, new_project
from tools.controlplane import ControlPlane, Settings
from tools.walk.kubectl import Kubectl
from tools.walk.places import MANIFESTS
from tools.walk.report import running

pytestmark = pytest.mark.integration

ON = {"enable-admission-plugins": "NodeRestriction,PodSecurityPolicy"}
NODES = ("control-plane", "worker-1")
PROGRAM = """\
import pulumi

import pulumi_pod_security as ps
from stacks.baseline import baseline_stack
from stacks.config import read_config

baseline = baseline_stack(read_config(pulumi.Config("pod-security")))
recycled = ps.Recycled("recycled", ps.RecycledArgs(baseline=baseline))
pulumi.export("recycled", recycled.workloads)
"""
GRANTS = ({"policy": "privileged", "namespace": "kube-system", "to": ["nodes", "service-accounts"]},)


class Stranded:
    """The cluster, looked at."""

    def __init__(self, cluster: ControlPlane) -> None:
        self.cluster = cluster
        self.kubectl = Kubectl(cluster.kubeconfig(), cluster.record.version)

    def ready(self) -> dict[str, str]:
        """What each node says of itself."""
        return {
            node["metadata"]["name"]: condition["status"]
            for node in self.kubectl.get("nodes")["items"]
            for condition in node["status"].get("conditions", ())
            if condition["type"] == "Ready"
        }

    def rescue(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, which must be this exit code."""
        command = [sys.executable, "-m", "pulumi_pod_security.cli", "rescue", *arguments]
        if "--dry-run" not in arguments:
            command += ["--kubeconfig", str(self.cluster.kubeconfig())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        return done

    def in_trouble(self) -> bool:
        """Whether the DaemonSets have been refused and no node is ready."""
        events = self.kubectl.get("events", "--namespace=kube-system", "--field-selector=reason=FailedCreate")["items"]
        told = {event["involvedObject"]["name"] for event in events if "PodSecurityPolicy: " in event["message"]}
        return {CNI, "kube-proxy"} <= told and self.ready() == dict.fromkeys(NODES, "False")


@pytest.fixture(scope="module")
def plugin_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A cluster whose API server has run with the plugin from its first start, without a policy."""
    cluster = ControlPlane(tmp_path_factory.mktemp("kapsule"), Settings(api_server_flags=ON))
    try:
        cluster.start(owner=os.getpid())
        cluster.checkpoint()
        yield cluster
    finally:
        cluster.destroy()


@pytest.fixture(scope="class")
def stranded(plugin_on: ControlPlane) -> Iterator[Stranded]:
    """Nodes have joined it, its own DaemonSets and a user's Deployment are there, and every pod was refused."""
    plugin_on.reset()
    join_anew(plugin_on)
    found = Stranded(plugin_on)
    file = plugin_on.layout.folder / "cni.yaml"
    file.write_text(yaml.safe_dump(cni()), encoding="utf-8")
    found.kubectl.run("create", f"--filename={file}")
    plugin_on.install_addons()
    found.kubectl.run("apply", f"--filename={MANIFESTS / 'shop.yaml'}")
    network = Network(plugin_on)
    eventually(found.in_trouble, 60)
    yield found
    network.stop()


@pytest.fixture(scope="class")
def project(stranded: Stranded, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A stack of the same baseline that the command puts there by itself, without a platform."""
    project = new_project(tmp_path_factory.mktemp("project"), stranded.cluster, ())
    project.configure(policies=["privileged"], grants=list(GRANTS), platform=None)
    return project


@pytest.fixture(scope="class")
def enforcing(stranded: Stranded, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A stack of that baseline which also turns the plugin on, as if nobody had."""
    project = new_project(tmp_path_factory.mktemp("project"), stranded.cluster, ())
    project.configure(policies=["privileged"], grants=list(GRANTS))
    return project


@pytest.mark.story
class TestByCommand:
    """`pod-security rescue`, then a stack that takes over."""

    def test_a_dry_run_prints_what_kubectl_could_apply(self, stranded: Stranded, tmp_path: Path) -> None:
        """And nothing else; no cluster is asked."""
        file = tmp_path / "baseline.yaml"
        file.write_text(stranded.rescue("--dry-run").stdout, encoding="utf-8")
        said = stranded.kubectl.run("apply", "--dry-run=server", f"--filename={file}")
        assert said.count("created (server dry run)") == 3
        assert not stranded.kubectl.get("podsecuritypolicies")["items"]

    def test_somebody_elses_object_is_not_written_over(self, stranded: Stranded, tmp_path: Path) -> None:
        """It is named, and nothing at all is written."""
        own = ps.presets.default().to_manifest()
        own["metadata"]["name"] = "privileged"
        file = tmp_path / "own.yaml"
        file.write_text(yaml.safe_dump(own), encoding="utf-8")
        stranded.kubectl.run("create", f"--filename={file}")
        done = stranded.rescue(code=2)
        assert "PodSecurityPolicy/privileged differs in privileged, " in done.stderr
        assert "nothing was written" in done.stderr
        assert stranded.ready() == dict.fromkeys(NODES, "False")
        stranded.kubectl.run("delete", f"--filename={file}")

    def test_nodes_come_back(self, stranded: Stranded) -> None:
        """The cluster's own pods run; those of users are still refused, and how to let them in is said."""
        done = stranded.rescue(code=1)
        lines = done.stdout.splitlines()
        assert lines[:3] == [
            "created: PodSecurityPolicy/privileged",
            "created: ClusterRole/privileged-psp",
            "created: RoleBinding/kube-system/privileged-psp-nodes",
        ]
        assert {line for line in lines if line.startswith("woken: ")} >= {
            f"woken: kube-system/DaemonSet/{CNI}",
            "woken: kube-system/DaemonSet/kube-proxy",
        }
        ready = sorted(line.partition(" (")[0] for line in lines if line.startswith("node "))
        assert ready == [f"node {name}: Ready" for name in NODES]
        assert "still refused: shop/Deployment/cart" in lines
        assert stranded.ready() == dict.fromkeys(NODES, "True")
        eventually(lambda: running(stranded.kubectl, "--namespace=kube-system"), 60)
        assert "woken-at" not in stranded.kubectl.run("get", "daemonsets", "--all-namespaces", "--output=yaml")

    def test_again_with_what_was_said(self, stranded: Stranded) -> None:
        """The grant that it proposed lets the others in; what is there already stays."""
        done = stranded.rescue("--grant", "{policy: default, namespace: shop, to: [service-accounts]}")
        assert "woken: shop/ReplicaSet/cart" in done.stdout
        eventually(lambda: running(stranded.kubectl, "--namespace=shop"), 60)
        again = stranded.rescue()
        assert again.stdout.count("there already: ") == 3

    def test_a_stack_takes_over_what_was_said_to_declare(self, stranded: Stranded, project: Project) -> None:
        """`pulumi up` with the lines that the command printed: the same objects, now the stack's."""
        before = self.uids(stranded)
        printed = stranded.rescue().stdout.partition("as they are:\n")[2]
        config = yaml.safe_load(printed)["config"]
        project.configure(**{key.removeprefix("pod-security:"): value for key, value in config.items()})
        succeeded(project.up())
        assert self.uids(stranded) == before

    def test_the_stack_may_not_go_while_it_is_needed(self, project: Project) -> None:
        """The plugin stays on, so nodes would be lost again."""
        refused(project.destroy(), "the PodSecurityPolicy plugin is on, so policies and grants stay")

    @staticmethod
    def uids(stranded: Stranded) -> set[str]:
        """Of the objects of the first rescue."""
        kinds = (
            ("podsecuritypolicy", "privileged"),
            ("clusterrole", "privileged-psp"),
            ("rolebinding", "privileged-psp-nodes", "--namespace=kube-system"),
        )
        return {stranded.kubectl.get(*kind)["metadata"]["uid"] for kind in kinds}


@pytest.mark.story
class TestByStack:
    """A plain `pulumi up` on the same cluster, from the baseline to the switch that is on already."""

    def test_a_preview_goes_through(self, enforcing: Project) -> None:
        """Nothing stands in its way: what is refused already is not its doing."""
        succeeded(enforcing.run("preview"))

    def test_an_update_brings_the_nodes_back(self, stranded: Stranded, enforcing: Project) -> None:
        """As soon as the controllers try again; the switch finds the plugin on, and verifies all the same."""
        starts = len(stranded.cluster.events())
        succeeded(enforcing.up())
        assert enforcing.outputs()["enforced"] is True
        assert len(stranded.cluster.events()) == starts
        eventually(lambda: stranded.ready() == dict.fromkeys(NODES, "True"), 180)
        eventually(lambda: running(stranded.kubectl, "--namespace=kube-system"), 60)

    def test_a_further_grant_lets_the_others_in(self, stranded: Stranded, enforcing: Project) -> None:
        """By the next update."""
        shop: dict[str, Any] = {"policy": "default", "namespace": "shop", "to": ["service-accounts"]}
        enforcing.configure(policies=["privileged", "default"], grants=[*GRANTS, shop])
        succeeded(enforcing.up())
        eventually(lambda: running(stranded.kubectl, "--namespace=shop"), 180)


@pytest.mark.story
class TestByProgram:
    """A baseline with `Recycled` as its last step, on the same cluster."""

    def test_an_update_ends_when_no_controller_waits(self, stranded: Stranded, project: Project) -> None:
        """All pods are created by then, also those that were refused for long; nodes follow by themselves."""
        (project.stack.project / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        shop: dict[str, Any] = {"policy": "privileged", "namespace": "shop", "to": ["service-accounts"]}
        project.configure(grants=[*GRANTS, shop])
        succeeded(project.up())
        assert len(self.carried(stranded)) == 2
        eventually(lambda: stranded.ready() == dict.fromkeys(NODES, "True"), 60)
        assert project.outputs()["recycled"] == []

    def test_another_policy_reaches_what_runs(self, stranded: Stranded, project: Project) -> None:
        """By the same update, which grants it before it withdraws the other: the server takes the first by name."""
        eventually(lambda: running(stranded.kubectl, "--namespace=shop"), 60)
        shop: dict[str, Any] = {"policy": "example", "namespace": "shop", "to": ["service-accounts"]}
        project.configure(policies=["privileged", "example"], grants=[*GRANTS, shop])
        succeeded(project.up())
        assert project.outputs()["recycled"] == ["shop/Deployment/cart"]
        assert self.carried(stranded) == ["example", "example"]

    @staticmethod
    def carried(stranded: Stranded) -> list[str]:
        """The policies that the pods of the application carry."""
        pods = stranded.kubectl.get("pods", "--namespace=shop")["items"]
        living = [pod["metadata"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]
        return [metadata["annotations"]["kubernetes.io/psp"] for metadata in living]

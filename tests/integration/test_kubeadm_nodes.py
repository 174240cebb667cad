"""Two control-plane nodes behind a load balancer, and the live ConfigMap: two real API servers on one etcd."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_pod_security.platforms.rendering import rendered
from tests.integration.support.furniture import SECRETS
from tests.integration.support.nodes import CONFIGMAP, ControlPlaneNode, balanced, two_nodes
from tests.integration.support.outcome import changes, refused, succeeded
from tests.integration.support.project import POLICIES, SOURCES, TIMEOUT_SECONDS, Project, write_program
from tests.integration.support.sight import Sight
from tests.unit.support.terminal import run
from tools.controlplane import ControlPlane
from tools.stack import Stack
from tools.toolchain import binary

pytestmark = [pytest.mark.integration, pytest.mark.story]

PROGRAM = """\
import pulumi
import pulumi_pod_security as ps

grants = [
    ps.Grant(policy="privileged", namespace="kube-system", subjects=[ps.nodes(), ps.service_accounts()]),
    ps.Grant(policy="default", subjects=[ps.authenticated()]),
]
policies = [ps.presets.privileged(), ps.presets.default()]
baseline = ps.PodSecurityBaseline("baseline", ps.PodSecurityBaselineArgs(policies=policies, grants=grants))
on = ps.KubeadmEnablement("on", ps.KubeadmEnablementArgs(baseline=baseline, timeout_seconds={timeout}))
pulumi.export("enforced", on.enforced)
pulumi.export("command", on.command)
"""
PLUGINS = "--enable-admission-plugins"
AGAIN = "sudo kubeadm upgrade node phase control-plane"
FIRST, SECOND = "control-plane", "control-plane-2"
BOTH_NODES = f"ssh {FIRST} {AGAIN} && ssh {SECOND} {AGAIN}"


@pytest.fixture(scope="class")
def nodes(fresh_cluster: ControlPlane) -> Iterator[list[ControlPlaneNode]]:
    """Both nodes, the plugin off, their API servers shown as mirror pods."""
    with two_nodes(fresh_cluster) as made:
        yield made


@pytest.fixture(scope="class")
def live(
    fresh_cluster: ControlPlane, nodes: list[ControlPlaneNode], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A program that names no file, and reaches the cluster through the load balancer."""
    folder = tmp_path_factory.mktemp("live")
    with balanced(nodes) as port:
        kubeconfig = folder / "balanced.conf"
        admin = fresh_cluster.kubeconfig().read_text(encoding="utf-8")
        kubeconfig.write_text(admin.replace(f":{nodes[0].port}", f":{port}"), encoding="utf-8")
        write_program(folder / "project", PROGRAM.format(timeout=TIMEOUT_SECONDS))
        variables = {"PYTHONPATH": SOURCES, "KUBECONFIG": str(kubeconfig)}
        stack = Stack(project=folder / "project", state=folder / "state", name="test", variables=variables)
        project = Project(stack=stack, cluster=fresh_cluster, values={}, secrets=SECRETS)
        stack.select()
        yield project


@pytest.fixture(scope="class")
def before(nodes: list[ControlPlaneNode], sight: Sight) -> dict[str, Any]:
    """The ConfigMap before anything is done."""
    assert nodes
    return configmap(sight)


def configmap(sight: Sight) -> dict[str, Any]:
    """All of the ConfigMap but for what every change of it changes."""
    found: dict[str, Any] = sight.kubectl.get(*CONFIGMAP)
    for name in ("resourceVersion", "managedFields"):
        found["metadata"].pop(name, None)
    return found


class TestLive:
    """A person plays the operator of the nodes, one node at a time."""

    def test_both_phases_of_the_live_configuration_render(
        self, live: Project, before: dict[str, Any], tmp_path: Path
    ) -> None:
        """What kubeadm uploaded is the first phase to the byte; the manifests differ by the plugin alone."""
        done = run("kubeadm-config", "--kubeconfig", str(live.cluster.kubeconfig()), "--folder", str(tmp_path))
        assert done.exit_code == 0, done.stderr
        assert f"&& ssh {FIRST} {AGAIN} && ssh {SECOND} {AGAIN}" in done.stdout
        texts = [(tmp_path / f"kubeadm-phase-{number}.yaml").read_text(encoding="utf-8") for number in (1, 2)]
        assert texts[0] == before["data"]["ClusterConfiguration"]
        own, _, _ = live.cluster.config_file.read_text(encoding="utf-8").partition("---\n")
        kubeadm = str(binary("kubeadm", version=live.cluster.record.version))
        off, on = (rendered(kubeadm, f"{own}---\n{text}", tmp_path).splitlines() for text in texts)
        (flag,) = [line for line in off if "--enable-admission-plugins=" in line]
        assert [line for line in on if line not in off] == [f"{flag},PodSecurityPolicy"]
        assert len(off) == len(on)

    def test_up_changes_one_key_and_says_what_to_run(self, live: Project, sight: Sight, before: dict[str, Any]) -> None:
        """On each node by name; nothing is enforced and nothing is restarted."""
        said = succeeded(live.up()).output
        outputs = live.outputs()
        assert (outputs["enforced"], outputs["command"]) == (False, BOTH_NODES)
        assert f"0 of 2 API servers run the plugin; still without: {FIRST}, {SECOND}; run: {BOTH_NODES}" in said
        text = before["data"]["ClusterConfiguration"]
        after = configmap(sight)
        assert "enable-admission-plugins: NodeRestriction,PodSecurityPolicy" in after["data"]["ClusterConfiguration"]
        assert {**after, "data": {**after["data"], "ClusterConfiguration": text}} == before
        assert len(sight.starts()) == 1

    def test_half_way_is_said(self, live: Project, nodes: list[ControlPlaneNode], sight: Sight) -> None:
        """One API server runs the plugin, and whichever one is met, the other is named."""
        nodes[0].render()
        sight.wait_for_plugin()
        said = succeeded(live.up()).output
        outputs = live.outputs()
        assert (outputs["enforced"], outputs["command"]) == (False, f"ssh {SECOND} {AGAIN}")
        assert f"1 of 2 API servers run the plugin; still without: {SECOND}; run: ssh {SECOND} {AGAIN}" in said
        sight.can_create_pods()

    def test_verified_when_all_agree(self, live: Project, nodes: list[ControlPlaneNode], sight: Sight) -> None:
        """The next update verifies, and there is nothing left to run."""
        nodes[1].render()
        assert changes(succeeded(live.up())) == {"updated": {"on-switch"}}
        outputs = live.outputs()
        assert (outputs["enforced"], outputs["command"]) == (True, "")
        sight.can_create_pods()
        assert "unchanged" in succeeded(live.up()).output

    def test_destroy_puts_the_configmap_back_and_waits(
        self, live: Project, sight: Sight, before: dict[str, Any]
    ) -> None:
        """To the byte; policies and grants stay while both API servers enforce."""
        refused(live.destroy(), f"2 of 2 API servers still run the plugin: {FIRST}, {SECOND}", f"run: {BOTH_NODES}")
        assert configmap(sight) == before
        assert sight.policies() == set(POLICIES)
        sight.can_create_pods()

    def test_destroy_half_way_waits_for_the_other(
        self, live: Project, nodes: list[ControlPlaneNode], sight: Sight
    ) -> None:
        """Also when it meets the one without the plugin: pods are still to be let in by the other."""
        nodes[0].render()
        sight.wait_for_api_server()
        for _ in range(2):
            refused(live.destroy(), f"1 of 2 API servers still run the plugin: {SECOND}; policies and grants stay")
        assert sight.policies() == set(POLICIES)
        assert [node.can_create("shop") for node in nodes] == [True, True]

    def test_destroy_when_none_runs_it(
        self, live: Project, nodes: list[ControlPlaneNode], sight: Sight, before: dict[str, Any]
    ) -> None:
        """The rest goes, and the cluster is as it was."""
        nodes[1].render()
        succeeded(live.destroy())
        assert not live.stack.resources()
        assert not sight.policies()
        assert configmap(sight) == before
        sight.can_create_pods()


class TestPhases:
    """What `kubeadm-config` says to upload, uploaded."""

    def test_there_and_back(self, fresh_cluster: ControlPlane, tmp_path: Path) -> None:
        """From the second phase nodes are rendered with the plugin, from the first without it again."""
        node = ControlPlaneNode(
            fresh_cluster, FIRST, "192.0.2.1", fresh_cluster.record.ports.api_server, "kube-apiserver"
        )
        kubeconfig = str(fresh_cluster.kubeconfig())
        given = ("kubeadm-config", str(fresh_cluster.config_file), "--kubeconfig", kubeconfig)
        assert run(*given, "--folder", str(tmp_path)).exit_code == 0
        kubeadm = str(binary("kubeadm", version=fresh_cluster.record.version))
        upload = [kubeadm, "init", "phase", "upload-config", "kubeadm", f"--kubeconfig={kubeconfig}"]
        flags = []
        for number in (2, 1):
            config = f"--config={tmp_path}/kubeadm-phase-{number}.yaml"
            subprocess.run([*upload, config], check=True, capture_output=True)
            flags += [part for part in node.manifest()["spec"]["containers"][0]["command"] if PLUGINS in part]
        assert flags == [f"{PLUGINS}=NodeRestriction,PodSecurityPolicy", f"{PLUGINS}=NodeRestriction"]

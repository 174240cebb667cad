"""`KubeadmEnablement` on the node, and for nodes elsewhere."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_pod_security as ps
from pulumi_pod_security.testing import EchoMocks, record
from tests.unit.support.programs import baseline, enablement, recorded
from tests.unit.support.world import kubeconfig

FOUND = ("config", "manifests", "kubeadm")


class Switched(EchoMocks):
    """A switch that answers as its provider does when nodes are out of reach."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """Answer with the outputs of every dynamic resource."""
        return args.name, {**args.inputs, "enforced": False, "standing": "0 of 2", "command": "sudo kubeadm upgrade"}


def test_on_the_node_manifest_and_kubeadm_are_known() -> None:
    """Both acts get the same place."""
    graph = recorded(lambda: enablement(node=ps.KubeadmNode(manifests="/m", kubeadm="/usr/bin/kubeadm")))
    places = [{key: graph.named(name).inputs[key] for key in FOUND} for name in ("enforce-found", "enforce-switch")]
    assert places == [{"config": "/etc/kubernetes/kubeadm.yaml", "manifests": "/m", "kubeadm": "/usr/bin/kubeadm"}] * 2


def test_a_node_has_kubeadms_own_places() -> None:
    """What kubeadm does by default need not be said."""
    inputs = recorded(lambda: enablement(node=ps.KubeadmNode())).named("enforce-found").inputs
    assert (inputs["manifests"], inputs["kubeadm"]) == ("/etc/kubernetes/manifests", "kubeadm")


def test_without_a_node_only_the_configuration_is_known() -> None:
    """Nothing says where a manifest would be."""
    graph = recorded(enablement)
    for name in ("enforce-found", "enforce-switch"):
        assert graph.named(name).inputs["config"] == "/etc/kubernetes/kubeadm.yaml"
        assert not {"manifests", "kubeadm"} & graph.named(name).inputs.keys()


def test_without_a_file_it_is_the_live_configuration() -> None:
    """No path is known, and what is found there is a secret all the same."""
    graph = recorded(lambda: enablement(config=None))
    for name in ("enforce-found", "enforce-switch"):
        assert not {"config", "manifests", "kubeadm"} & graph.named(name).inputs.keys()
    assert "config_text" in graph.named("enforce-found").secret_outputs


def test_a_node_without_a_file_is_refused() -> None:
    """What is the node's own is in no ConfigMap, so that its manifest could not be rendered."""
    with pytest.raises(ps.InvalidInput, match="config: missing; allowed: with `node` the path of the file"):
        recorded(lambda: enablement(config=None, node=ps.KubeadmNode()))


def test_paths_are_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider runs in a process with a folder of its own."""
    monkeypatch.chdir(tmp_path)
    node = ps.KubeadmNode(manifests="manifests", kubeadm="kubeadm")
    inputs = recorded(lambda: enablement(config="kubeadm.yaml", node=node)).named("enforce-switch").inputs
    assert inputs["config"] == str(tmp_path / "kubeadm.yaml")
    assert inputs["manifests"] == str(tmp_path / "manifests")
    assert inputs["kubeadm"] == "kubeadm"


def test_what_was_found_is_secret() -> None:
    """A kubeadm configuration may hold tokens, so both texts are kept as secrets."""
    found = recorded(enablement).named("enforce-found")
    assert found.secret_outputs == {"config_text", "manifest_text"}


def test_the_kubeconfigs_contents_are_secret_in_the_switch() -> None:
    """The switch is the third resource that gets them."""
    graph = recorded(lambda: enablement(baseline=baseline(kubeconfig=kubeconfig("https://127.0.0.1:6443"))))
    assert "kubeconfig" in graph.named("enforce-switch").secrets


def test_the_switch_gets_the_baseline_and_how_long_to_wait() -> None:
    """It verifies what the baseline promises."""
    graph = recorded(lambda: enablement(timeout_seconds=42))
    inputs = graph.named("enforce-switch").inputs
    assert inputs["timeout_seconds"] == 42
    assert len(inputs["policies"]) == 2
    assert len(inputs["grants"]) == 3


def test_says_what_to_run_on_nodes_elsewhere(caplog: pytest.LogCaptureFixture) -> None:
    """Outputs are the switch's, and a warning says what waits for a person."""
    seen: list[Any] = []

    def program() -> pulumi.Output[Any]:
        made = enablement()
        return pulumi.Output.all(made.enforced, made.command).apply(seen.append)

    with caplog.at_level(logging.WARNING):
        record(program, mocks=Switched())
    assert seen == [[False, "sudo kubeadm upgrade"]]
    assert "waits for the control-plane nodes: 0 of 2; run: sudo kubeadm upgrade; then: pulumi up" in caplog.text


def test_says_nothing_where_nothing_is_to_do(caplog: pytest.LogCaptureFixture) -> None:
    """An empty command is no warning."""
    with caplog.at_level(logging.WARNING):
        recorded(enablement)
    assert caplog.text == ""

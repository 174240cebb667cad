"""`pod-security rescue`: what it says, line by line, and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import Result

from pulumi_pod_security.cli.declared import Declared
from pulumi_pod_security.cluster import revival
from pulumi_pod_security.policy import presets
from tests.unit.support.applying import Applying
from tests.unit.support.terminal import run
from tests.unit.support.world import kubeconfig, served


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Applying]:
    """A cluster with no policy, a DaemonSet that is refused, and a node that waits for it."""
    monkeypatch.setattr(revival, "POLL_SECONDS", 0.01)
    world = Applying(nodes={"worker": False})
    world.owners[world.run("DaemonSet", "cni", namespace="kube-system")]["status"] = {}
    with served(world):
        yield world


def rescue(cluster: Applying, *arguments: str) -> Result:
    """Run the command on it."""
    return run("rescue", "--kubeconfig", kubeconfig(cluster.address), *arguments)


def test_objects_controllers_nodes(cluster: Applying) -> None:
    """Then what to declare, which is what was put there."""
    done = rescue(cluster)
    lines = done.stdout.splitlines()
    assert lines[:5] == [
        "created: PodSecurityPolicy/privileged",
        "created: ClusterRole/privileged-psp",
        "created: RoleBinding/kube-system/privileged-psp-nodes",
        "woken: kube-system/DaemonSet/cni",
        "node worker: Ready (0 s)",
    ]
    declared = done.stdout.partition("as they are:\n")[2]
    assert yaml.safe_load(declared) == yaml.safe_load(Declared.usual().as_config())
    assert done.exit_code == 0


def test_a_dry_run_prints_the_objects(cluster: Applying) -> None:
    """No cluster is asked."""
    done = rescue(cluster, "--dry-run")
    assert list(yaml.safe_load_all(done.stdout)) == list(Declared.usual().manifests())
    assert done.exit_code == 0
    assert cluster.calls == []


def test_what_is_still_refused_is_said_with_a_grant(cluster: Applying) -> None:
    """Which works as it is."""
    cluster.owners[cluster.run("ReplicaSet", "cart")]["spec"]["replicas"] = 1
    done = rescue(cluster)
    assert done.exit_code == 1
    assert "still refused: shop/ReplicaSet/cart" in done.stdout
    (grant,) = [line.partition("--grant ")[2].strip("'") for line in done.stdout.splitlines() if "--grant " in line]
    assert rescue(cluster, "--grant", grant).exit_code == 0


def test_nodes_that_do_not_come_back_are_said(cluster: Applying) -> None:
    """In their kubelets' words, with the controllers that have not done their part."""
    cluster.stuck.add("cni")
    done = rescue(cluster, "--timeout", "1")
    assert done.exit_code == 1
    assert "node worker: not ready: cni plugin not initialized" in done.stdout
    assert "see why: kubectl describe daemonset/cni --namespace kube-system" in done.stdout


def test_what_is_somebody_elses_is_an_error(cluster: Applying) -> None:
    """Nothing is written."""
    cluster.have({**presets.default().to_manifest(), "metadata": {"name": "privileged"}})
    done = rescue(cluster)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert "PodSecurityPolicy/privileged differs in privileged" in done.stderr
    assert cluster.applied == []


def test_a_stacks_file_is_its_own_declaration(cluster: Applying, tmp_path: Path) -> None:
    """There is nothing more to declare."""
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(Declared.usual().as_config(), encoding="utf-8")
    done = rescue(cluster, "--stack-file", str(file))
    assert done.exit_code == 0
    assert done.stdout.endswith(f"these are the objects of {file}: its next `pulumi up` takes them over\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "default"), "nobody could use it; say who: --grant"),
        (("--stack-file", "x", "--policy", "default"), "give either this, or --policy and --grant"),
        (("--grant", "{policy: tight, to: [nodes]}"), "'tight'"),
    ],
)
def test_options_that_do_not_fit_together(cluster: Applying, arguments: tuple[str, ...], said: str) -> None:
    """Nothing is asked of the cluster."""
    done = rescue(cluster, *arguments)
    assert done.exit_code == 2
    assert said in " ".join(done.stderr.replace("│", "").split())
    assert cluster.calls == []


def test_a_plugin_that_is_off_refuses_nothing(cluster: Applying) -> None:
    """A baseline there is a stack's matter."""
    cluster.enforcing = False
    done = rescue(cluster)
    assert done.exit_code == 2
    assert "there is nothing to rescue; put a baseline there with: pulumi up" in done.stderr


def test_rights_are_asked_for_first(cluster: Applying) -> None:
    """All that a rescue takes, before anything is written."""
    cluster.denied = {("patch", "rolebindings"), ("list", "nodes")}
    done = rescue(cluster)
    assert done.exit_code == 2
    assert "patch rolebindings.rbac.authorization.k8s.io" in done.stderr
    assert "list nodes" in done.stderr
    assert cluster.applied == []

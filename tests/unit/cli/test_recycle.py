"""`pod-security recycle`: what it shows, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from pulumi_pod_security.cluster import recycling
from tests.unit.support.rollouts import OLD, Rollouts, running
from tests.unit.support.terminal import run
from tests.unit.support.world import kubeconfig, served


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rollouts]:
    """Two workloads out of date, and one that is not."""
    monkeypatch.setattr(recycling, "POLL_SECONDS", 0.01)
    world = Rollouts()
    world.run("Deployment", "cart", OLD, None)
    world.run("ReplicaSet", "till", OLD, namespace="bank")
    world.run("DaemonSet", "logs", "privileged")
    with served(world):
        yield world


def recycle(cluster: Rollouts, *arguments: str) -> Result:
    """Run the command on it."""
    return run("recycle", "--kubeconfig", kubeconfig(cluster.address), *arguments)


def test_a_dry_run_lists_what_would_be_done(cluster: Rollouts) -> None:
    """And touches nothing."""
    done = recycle(cluster, "--dry-run")
    assert done.stdout.splitlines() == [
        "would evict the pods of bank/ReplicaSet/till: 1 pod, eks.privileged -> privileged",
        "would restart shop/Deployment/cart: 2 pods, no policy and eks.privileged -> privileged",
        "2 workloads to recycle, 0 left as they are (4 pods looked at)",
    ]
    assert done.exit_code == 0
    assert cluster.changed == []


def test_what_was_done_is_said_in_the_order_it_was_done(cluster: Rollouts) -> None:
    """A second run finds nothing."""
    done = recycle(cluster)
    assert done.stdout.splitlines() == [
        "evicted the pods of bank/ReplicaSet/till: 1 pod, eks.privileged -> privileged (0 s)",
        "restarted shop/Deployment/cart: 2 pods, no policy and eks.privileged -> privileged (0 s)",
        "2 recycled, 0 left as they are (4 pods looked at)",
    ]
    assert done.exit_code == 0
    assert recycle(cluster).stdout == "0 recycled, 0 left as they are (4 pods looked at)\n"


def test_one_namespace(cluster: Rollouts) -> None:
    """Everything else stays as it is."""
    assert "1 recycled" in recycle(cluster, "-n", "bank").stdout
    assert cluster.changed == ["EVICT till-0"]


def test_what_is_left_is_said_and_counts(cluster: Rollouts) -> None:
    """What must be mended makes the exit code 1."""
    cluster.refusals["cart-"] = "exceeded quota"
    done = recycle(cluster)
    assert "left as it is: shop/Deployment/cart: 2 pods, no policy and eks.privileged -> refused" in done.stdout
    assert "exceeded quota" in done.stdout
    assert done.exit_code == 1


def test_what_is_nobodys_is_said_and_does_not_count(cluster: Rollouts) -> None:
    """Nothing here could mend it."""
    cluster.pods.append(running("debug"))
    done = recycle(cluster)
    assert "left as it is: shop/Pod/debug: 1 pod, eks.privileged -> privileged" in done.stdout
    assert done.exit_code == 0


def test_where_it_stopped_is_said_last(cluster: Rollouts) -> None:
    """With what was done before, and how to take the last step back."""
    cluster.stuck.add("cart")
    done = recycle(cluster, "--timeout", "1")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("evicted the pods of bank/ReplicaSet/till")
    assert lines[1].startswith("shop/Deployment/cart did not come back")
    assert lines[-2:] == [
        "    take its restart back: kubectl rollout undo deployment/cart --namespace shop",
        "1 recycled, 0 left as they are, stopped before the end (4 pods looked at)",
    ]
    assert done.exit_code == 1


def test_json_has_all_of_it(cluster: Rollouts, tmp_path: Path) -> None:
    """Beside the table, which can go to a file."""
    cluster.pods.append(running("debug"))
    table = tmp_path / "table"
    told = json.loads(recycle(cluster, "--output", "json", "--output", f"table={table}").stdout)
    assert [(entry["name"], entry["act"], entry["policy"]) for entry in told["stale"]] == [
        ("till", "evict", "privileged"),
        ("cart", "restart", "privileged"),
    ]
    assert told["stale"][1]["carries"] == [None, OLD]
    assert all(entry["seconds"] < 10 for entry in told["stale"])
    assert [(entry["name"], entry["toMend"]) for entry in told["left"]] == [("debug", False)]
    assert (told["stopped"], told["pods"]) == (None, 5)
    assert table.read_text().startswith("evicted the pods of bank/ReplicaSet/till")


def test_a_plugin_that_is_off_is_an_error(cluster: Rollouts) -> None:
    """One sentence, and what to do."""
    cluster.enforcing = False
    done = recycle(cluster)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert "the PodSecurityPolicy plugin is off" in done.stderr


def test_a_server_without_policies_is_an_error(cluster: Rollouts) -> None:
    """1.25 has nothing to recycle."""
    cluster.version = {"major": "1", "minor": "25", "gitVersion": "v1.25.0"}
    done = recycle(cluster)
    assert done.exit_code == 2
    assert "PodSecurityPolicy was removed in 1.25" in done.stderr


def test_rights_are_asked_for_first(cluster: Rollouts) -> None:
    """Who may not even ask is told so."""
    cluster.denied = {("impersonate", "users")}
    done = recycle(cluster)
    assert done.exit_code == 2
    assert "impersonate users" in done.stderr

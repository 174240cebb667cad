"""What is said below the verdicts of `pod-security check`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.support.objects import pod
from tests.unit.support.terminal import TREE, deployment, run, written

RULES = TREE[:4]
ROLLOUT = {**deployment("canary"), "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}


def of_pod(name: str, **metadata: Any) -> dict[str, Any]:
    """A pod as a file has it."""
    return {"apiVersion": "v1", "kind": "Pod", **pod(name, **metadata)}


def test_who_is_taken_for_the_creator_of_bare_pods_is_said(tmp_path: Path) -> None:
    """Pods of an owner, and mirror pods, have a creator of their own; with --author nothing is assumed."""
    owned = of_pod("c", ownerReferences=[{"kind": "ReplicaSet", "name": "c", "controller": True}])
    mirror = of_pod("d", annotations={"kubernetes.io/config.mirror": "x"})
    mirror["spec"]["nodeName"] = "node-1"
    file = written(tmp_path, [*RULES, of_pod("a"), of_pod("b"), owned, mirror])
    assumed = (
        "assumed: 2 pods that no controller owns are judged as if a ReplicaSet made them; name who creates them with "
        "--author"
    )
    assert assumed in run("check", file).stdout
    assert "no controller owns" not in run("check", file, "--author", "user:jane").stdout
    assert (
        "assumed: 1 pod that no controller owns is judged"
        in run("check", written(tmp_path, [*RULES, ROLLOUT, of_pod("a")])).stdout
    )
    assert "no controller owns" not in run("check", written(tmp_path, TREE)).stdout


def test_who_is_taken_for_the_creator_of_a_custom_resources_pods_is_said(tmp_path: Path) -> None:
    """Where there are any."""
    file = written(tmp_path, [*RULES, ROLLOUT])
    told = run("check", file, "--template", "argoproj.io/Rollout=spec.template").stdout
    assert "assumed: the pods of argoproj.io/Rollout are judged as if a ReplicaSet made them" in told
    assert "no object of this kind was read" not in told


def test_a_template_that_no_object_has_is_said(tmp_path: Path) -> None:
    """It may be misspelt."""
    told = run("check", written(tmp_path, TREE), "--template", "argoproj.io/Rolout=spec.template").stdout
    assert "--template argoproj.io/Rolout=spec.template: no object of this kind was read" in told
    assert "the pods of argoproj.io/Rolout" not in told


def test_the_namespace_of_workloads_that_name_none_is_said(tmp_path: Path) -> None:
    """Charts leave it to `helm install`; nothing is said where every workload names its own."""
    nowhere = [deployment("a"), {**ROLLOUT, "metadata": {"name": "canary"}}, deployment("b")]
    del nowhere[0]["metadata"]["namespace"]
    file = written(tmp_path, [*RULES, *nowhere])
    custom = ("--template", "argoproj.io/Rollout=spec.template")
    said = "assumed: 2 objects name no namespace: judged in tools; another one by --namespace"
    assert said in run("check", file, "-n", "tools", *custom).stdout
    assert "assumed: 1 object names no namespace: judged in default;" in run("check", file).stdout
    assert "no namespace" not in run("check", written(tmp_path, TREE)).stdout

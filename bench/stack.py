"""`pulumi up` and `destroy` against kubectl with the same manifests, on the same cluster, in turn."""

import tempfile
from pathlib import Path

import click
import yaml

import pulumi_pod_security as ps
from bench.machine import median, seconds
from bench.programs import program, run
from tools.controlplane import ControlPlane
from tools.scratch import scratch
from tools.stack import Stack
from tools.walk.kubectl import Kubectl
from tools.walk.places import CHECKOUT

__all__ = ["stack_against_kubectl"]

_PROGRAM = "from stacks import run\n\nrun()\n"
_GRANTS = [
    {"policy": "privileged", "namespace": "kube-system", "to": ["nodes", "user:kubelet", "service-accounts"]},
    {"policy": "default", "to": ["authenticated"]},
]
_POLICIES = ["privileged", "default"]


def stack_against_kubectl(runs: int) -> None:
    """Print the time of each side and the ratios of the medians' parts, run by run."""
    with scratch(Path(tempfile.gettempdir())) as folder:
        control_plane = ControlPlane(folder / "cluster")
        try:
            control_plane.start()
            control_plane.install_addons()
            _measure(control_plane, folder, runs)
        finally:
            control_plane.destroy()


def _measure(control_plane: ControlPlane, folder: Path, runs: int) -> None:
    kubectl = Kubectl(control_plane.kubeconfig(), control_plane.record.version)
    manifests = folder / "manifests.yaml"
    grants = [ps.grant_from_config(written) for written in _GRANTS]
    psp = ps.psp_manifests([ps.preset(name) for name in _POLICIES], grants)
    manifests.write_text(yaml.safe_dump_all(psp), encoding="utf-8")

    stacks = {
        "policies and grants": _stack(control_plane, folder / "baseline", {}),
        "the whole local stack": _stack(control_plane, folder / "whole", _platform(control_plane)),
    }
    ups: dict[str, list[float]] = {name: [] for name in ("kubectl", *stacks)}
    downs: dict[str, list[float]] = {name: [] for name in ("kubectl", *stacks)}
    for _ in range(runs):
        ups["kubectl"].append(seconds(lambda: kubectl.run("apply", f"--filename={manifests}")))
        downs["kubectl"].append(seconds(lambda: kubectl.run("delete", f"--filename={manifests}")))
        for name, stack in stacks.items():
            ups[name].append(seconds(lambda stack=stack: run(stack, "up", "--yes", "--skip-preview")))  # type: ignore[misc]
            downs[name].append(seconds(lambda stack=stack: run(stack, "destroy", "--yes", "--skip-preview")))  # type: ignore[misc]
    _print("up against kubectl apply", ups)
    _print("destroy against kubectl delete", downs)


def _print(title: str, figures: dict[str, list[float]]) -> None:
    click.echo(title)
    for name, taken in figures.items():
        ratios = sorted(ours / theirs for ours, theirs in zip(taken, figures["kubectl"], strict=True))
        click.echo(f"  {name:22s} {median(taken):30s} {ratios[len(ratios) // 2]:5.1f} x kubectl")


def _platform(control_plane: ControlPlane) -> dict[str, object]:
    config, manifests = str(control_plane.config_file), str(control_plane.manifests)
    return {"pod-security:platform": {"kind": "kubeadm", "config": config, "manifests": manifests}}


def _stack(control_plane: ControlPlane, project: Path, platform: dict[str, object]) -> Stack:
    config = {
        "pod-security:kubeconfig": str(control_plane.kubeconfig()),
        "pod-security:policies": _POLICIES,
        "pod-security:grants": _GRANTS,
        **platform,
    }
    return program(project, _PROGRAM, config, {"PYTHONPATH": str(CHECKOUT)})

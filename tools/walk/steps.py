"""The steps of the walk, in order; each can be repeated."""

from pathlib import Path

import yaml

import pulumi_pod_security as ps
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import plugin_is_on
from tools.controlplane import ControlPlane, ControlPlaneError
from tools.stack import Stack
from tools.toolchain import ToolchainError
from tools.walk.kubectl import Kubectl, KubectlError
from tools.walk.places import CHECKOUT, CLUSTER, MANIFESTS, STACK, STATE
from tools.walk.report import running, show_grants, show_pods, show_refusal
from tools.walk.waiting import CONSOLE, Timeout, step, until

__all__ = ["StepFailed", "come_down", "go_up"]

_SYSTEM = "--namespace=kube-system"
_EVERYWHERE = "--all-namespaces"


class StepFailed(Exception):
    """A step could not be done."""


def go_up() -> None:
    """A cluster with workloads, the baseline, enforcement, and what it does; raises StepFailed."""
    try:
        control_plane = ControlPlane(CLUSTER)
        kubectl = _cluster_with_workloads(control_plane)
        _pulumi("up", "--yes", "--skip-preview=false")
        show_grants(_grants())
        _admitted_and_refused(kubectl)
        _recycled(kubectl)
    except (ControlPlaneError, ToolchainError, KubectlError, Timeout) as error:
        raise StepFailed(str(error)) from None
    CONSOLE.print(
        f"\nLook around:  export KUBECONFIG={control_plane.kubeconfig()}\nTake it down: scripts/up --down",
        soft_wrap=True,
    )


def come_down() -> None:
    """The stack destroyed, the cluster as it was before it, then the cluster itself removed; raises StepFailed."""
    control_plane = ControlPlane(CLUSTER)
    if control_plane.status().state in ("absent", "half-made"):
        control_plane.destroy()
        CONSOLE.print("there is no cluster; start with: scripts/up")
        return
    try:
        with step("cluster running"):
            control_plane.start()
        _pulumi("destroy", "--yes")
        _show_down(control_plane)
        with step("cluster removed"):
            control_plane.destroy()
    except (ControlPlaneError, ToolchainError, KubectlError, Timeout) as error:
        raise StepFailed(str(error)) from None


def _cluster_with_workloads(control_plane: ControlPlane) -> Kubectl:
    with step("kubeadm control plane: etcd, API server, controller manager, scheduler, two nodes"):
        control_plane.start()
    kubectl = Kubectl(control_plane.kubeconfig(), control_plane.record.version)
    with step("workloads that run before any policy: CoreDNS, kube-proxy, shop/cart"):
        control_plane.install_addons()
        kubectl.run("apply", f"--filename={MANIFESTS / 'shop.yaml'}")
        until(lambda: running(kubectl, _SYSTEM), "kube-system running")
        until(lambda: running(kubectl, "--namespace=shop"), "shop running")
    return kubectl


def _pulumi(*arguments: str) -> None:
    stack = Stack(project=CHECKOUT, state=STATE, name=STACK)
    stack.select()
    CONSOLE.print(f"[bold]pulumi {arguments[0]}[/bold]")
    if stack.show(*arguments, "--suppress-permalink=true") != 0:
        raise StepFailed(f"pulumi {arguments[0]} of the stack {STACK}; what it refused stands above")


def _admitted_and_refused(kubectl: Kubectl) -> None:
    with step("an nginx Deployment, and one that mounts a folder of the node"):
        kubectl.run("apply", f"--filename={MANIFESTS / 'nginx.yaml'}", f"--filename={MANIFESTS / 'hostpath.yaml'}")
        until(lambda: running(kubectl, "--namespace=default", "--selector=app=nginx"), "nginx running")
    show_pods(kubectl, "Admitted", "--namespace=default")
    show_refusal(kubectl, "default", "nginx-hostpath")


def _recycled(kubectl: Kubectl) -> None:
    with step("kube-system recycled"):
        kubectl.run("delete", "pods", "--all", _SYSTEM, "--wait=true")
        until(lambda: running(kubectl, _SYSTEM), "kube-system running again")
    show_pods(kubectl, "kube-system", _SYSTEM)


def _show_down(control_plane: ControlPlane) -> None:
    kubectl = Kubectl(control_plane.kubeconfig(), control_plane.record.version)
    with step("everything running without the plugin, the refused Deployment included"):
        until(lambda: running(kubectl, _EVERYWHERE), "every pod running")
        if "nginx-hostpath" in kubectl.run("get", "deployments", "--output=name"):
            until(lambda: running(kubectl, "--selector=app=nginx-hostpath"), "nginx-hostpath running")
    on = plugin_is_on(Cluster(Connection(kubeconfig=str(control_plane.kubeconfig())).open()))
    left = [found["metadata"]["name"] for found in kubectl.get("podsecuritypolicies")["items"]]
    CONSOLE.print(f"plugin: {'ON' if on else 'off'}; policies left: {', '.join(left) or 'none'}")
    show_pods(kubectl, "Pods", _EVERYWHERE)
    if on or left:
        raise StepFailed("something of the baseline is left")


def _grants() -> list[ps.Grant]:
    config = yaml.safe_load(Path(CHECKOUT / "stacks" / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))["config"]
    return [ps.grant_from_config(written) for written in config["pod-security:grants"]]

"""The steps of the walk, in order; each can be repeated."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import plugin_is_on
from pulumi_pod_security.errors import PodSecurityError
from tools.controlplane import ControlPlane, ControlPlaneError
from tools.stack import Stack
from tools.toolchain import ToolchainError
from tools.walk.access import uses
from tools.walk.declared import read_declared
from tools.walk.kubectl import Kubectl, KubectlError
from tools.walk.places import CHECKOUT, CLUSTER, MANIFESTS, STACK, STACK_FILE, STATE
from tools.walk.report import running, show_pods, show_refusal, show_uses
from tools.walk.waiting import CONSOLE, Timeout, step, until

__all__ = ["StepFailed", "come_down", "go_up"]

_SYSTEM = "--namespace=kube-system"
_EVERYWHERE = "--all-namespaces"
_NO_CLUSTER = ("absent", "half-made")


class StepFailed(Exception):
    """A step could not be done."""


def go_up() -> None:
    """A cluster with workloads, the baseline, enforcement, and what it does; raises StepFailed."""
    control_plane = ControlPlane(CLUSTER)
    with _failing_in_words():
        state = control_plane.status().state
        if state in _NO_CLUSTER:
            _forget_stack()
        elif state == "running":
            CONSOLE.print("the cluster is up already: every step is taken again; take it down with: scripts/up --down")
        kubectl = _cluster_with_workloads(control_plane)
        _pulumi("up", "--yes", "--skip-preview=false")
        _may_use(control_plane, kubectl)
        _admitted_and_refused(kubectl)
        _recycled(kubectl)
    CONSOLE.print(
        f"\nLook around:  export KUBECONFIG={control_plane.kubeconfig()}\nTake it down: scripts/up --down",
        soft_wrap=True,
    )


def come_down() -> None:
    """The stack destroyed, the cluster as it was before it, then the cluster itself removed; raises StepFailed."""
    control_plane = ControlPlane(CLUSTER)
    with _failing_in_words():
        if control_plane.status().state in _NO_CLUSTER:
            control_plane.destroy()
            _forget_stack()
            CONSOLE.print("nothing is up; start with: scripts/up")
            return
        with step("cluster running"):
            control_plane.start()
        _pulumi("destroy", "--yes")
        _show_down(control_plane)
        with step("cluster removed"):
            control_plane.destroy()
    CONSOLE.print("Up again: scripts/up")


@contextmanager
def _failing_in_words() -> Iterator[None]:
    try:
        yield
    except (ControlPlaneError, ToolchainError, PodSecurityError, KubectlError, Timeout) as error:
        raise StepFailed(str(error)) from None


def _forget_stack() -> None:
    """Drop the record of a cluster that is gone: Pulumi would look for its objects on the next one."""
    shutil.rmtree(STATE / "backend", ignore_errors=True)


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
    try:
        stack.select()
    except RuntimeError as error:
        raise StepFailed(str(error)) from None
    CONSOLE.print(f"[bold]pulumi {arguments[0]}[/bold]")
    if stack.show(*arguments, "--suppress-permalink=true") != 0:
        raise StepFailed(f"pulumi {arguments[0]} of the stack {STACK}; what it refused stands above")


def _may_use(control_plane: ControlPlane, kubectl: Kubectl) -> None:
    subjects = [subject for grant in read_declared(STACK_FILE).grants for subject in grant.subjects]
    namespaces = [found["metadata"]["name"] for found in kubectl.get("namespaces")["items"]]
    show_uses(uses(_asked(control_plane), subjects, namespaces))


def _asked(control_plane: ControlPlane) -> Cluster:
    return Cluster(Connection(kubeconfig=str(control_plane.kubeconfig())).open())


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
    on, declared = plugin_is_on(_asked(control_plane)), read_declared(STACK_FILE)
    left = declared.left(kubectl)
    CONSOLE.print(f"plugin: {'ON' if on else 'off'}; left of {declared.counted}: {', '.join(left) or 'none'}")
    show_pods(kubectl, "Pods", _EVERYWHERE)
    if on or left:
        raise StepFailed("something of the baseline is left")

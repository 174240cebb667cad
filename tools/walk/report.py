"""What the walk shows: who may use what, what runs under which policy, what is refused and why."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

import pulumi_pod_security as ps
from tools.walk.kubectl import Kubectl
from tools.walk.waiting import CONSOLE, until

__all__ = ["refusal", "running", "show_grants", "show_pods", "show_refusal"]

_POLICY = "kubernetes.io/psp"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"


def show_grants(grants: Iterable[ps.Grant]) -> None:
    """A table of what each subject may use, and where."""
    table = Table("subject", "may use policy", "for pods in", title="Who may use what", title_justify="left")
    for grant in grants:
        for subject in ps.grant_to_config(grant)["to"]:
            table.add_row(subject, grant.policy, grant.namespace or "every namespace")
    CONSOLE.print(table)


def show_pods(kubectl: Kubectl, title: str, *selection: str) -> None:
    """A table of pods with the policy they were admitted by and the seccomp profile they got."""
    table = Table("pod", "phase", "policy", "seccomp", title=title, title_justify="left")
    for pod in kubectl.get("pods", *selection)["items"]:
        annotations = pod["metadata"].get("annotations") or {}
        profile = ((pod["spec"].get("securityContext") or {}).get("seccompProfile") or {}).get("type")
        seccomp = " = ".join(filter(None, (annotations.get(_SECCOMP), profile))) or "-"
        name = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
        table.add_row(name, pod["status"]["phase"], annotations.get(_POLICY, "-"), seccomp)
    CONSOLE.print(table)


def show_refusal(kubectl: Kubectl, namespace: str, deployment: str) -> None:
    """Why a Deployment has no pods: only its ReplicaSet says so."""
    words = until(lambda: refusal(kubectl, namespace, deployment), f"the refusal of {namespace}/{deployment}")
    CONSOLE.print(
        f"[bold]Refused:[/bold] {namespace}/Deployment/{deployment}, as its ReplicaSet says:\n  {words}", soft_wrap=True
    )


def refusal(kubectl: Kubectl, namespace: str, deployment: str) -> str | None:
    """The server's words in the condition of a Deployment's ReplicaSet; None while there is none."""
    for found in kubectl.get("replicasets", f"--namespace={namespace}")["items"]:
        if any(owner["name"] == deployment for owner in found["metadata"].get("ownerReferences", ())):
            for condition in found["status"].get("conditions", ()):
                if condition["type"] == "ReplicaFailure":
                    return str(condition["message"])
    return None


def running(kubectl: Kubectl, *selection: str) -> list[dict[str, Any]] | None:
    """The pods of a selection, once there are some and all of them run and none is going; else None."""
    pods: list[dict[str, Any]] = kubectl.get("pods", *selection)["items"]
    going = any(pod["metadata"].get("deletionTimestamp") for pod in pods)
    ready = all(pod["status"]["phase"] == "Running" for pod in pods)
    return pods if pods and ready and not going else None

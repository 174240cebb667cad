"""What the walk shows: who may use what, what runs under which policy, what is refused and why."""

from collections.abc import Iterable
from typing import Any

from rich.markup import escape
from rich.table import Table

from tools.walk.access import Use
from tools.walk.kubectl import Kubectl
from tools.walk.waiting import CONSOLE, until

__all__ = ["refusal", "running", "show_pods", "show_refusal", "show_uses"]

_POLICY = "kubernetes.io/psp"
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"


def show_uses(found: Iterable[Use]) -> None:
    """A table of what each subject may use, and where."""
    title = "Who may use what, as the server answers"
    table = Table("subject", "may use policy", "for pods in", title=title, title_justify="left")
    for use in found:
        table.add_row(use.subject, use.policy, use.namespaces)
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
        f"[bold]Refused:[/bold] {namespace}/Deployment/{deployment}, as its ReplicaSet says:\n  {escape(words)}",
        soft_wrap=True,
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

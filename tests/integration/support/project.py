"""A Pulumi project of a test's own: the stack program of this checkout, its configuration, its state in a folder."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tools.controlplane import ControlPlane
from tools.stack import Finished, Stack
from tools.toolchain import binary

__all__ = ["CHECKOUT", "GRANTS", "POLICIES", "SOURCES", "TIMEOUT_SECONDS", "Project", "new_project", "write_program"]

CHECKOUT = Path(__file__).resolve().parents[3]
SOURCES = f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'components'}"
STACK = "test"
POLICIES = ("privileged", "default")
GRANTS = (
    {"policy": "privileged", "namespace": "kube-system", "to": ["nodes", "user:kubelet", "service-accounts"]},
    {"policy": "default", "to": ["authenticated"]},
)
PROGRAM = "from stacks import run\n\nrun()\n"
# A loaded machine takes its time to start an API server.
TIMEOUT_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class Project:
    """A stack of the checkout's program, aimed at one cluster.

    Attributes:
        stack: runs the real CLI.
        cluster: the cluster the configuration names.
        values: the configuration, by key; `configure` changes it.
        secrets: what no output may ever show.
    """

    stack: Stack
    cluster: ControlPlane
    values: dict[str, Any]
    secrets: tuple[str, ...]

    def configure(self, **values: Any) -> None:
        """Set keys of `pod-security:`; None takes a key out."""
        self.values.update(values)
        config = {f"pod-security:{key}": value for key, value in self.values.items() if value is not None}
        file = self.stack.project / "stacks" / f"Pulumi.{STACK}.yaml"
        file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")

    def set_platform(self, **values: Any) -> None:
        """Set keys of the platform; None takes a key out."""
        merged = {**self.values["platform"], **values}
        self.configure(platform={key: value for key, value in merged.items() if value is not None})

    def run(self, *arguments: str) -> Finished:
        """Run the CLI; whatever it is asked, it shows no traceback and no secret."""
        finished = self.stack.run(*arguments)
        self.check(finished.output)
        return finished

    def up(self, *arguments: str) -> Finished:
        """`pulumi up` without the preview before it."""
        return self.run("up", "--yes", "--skip-preview", *arguments)

    def destroy(self) -> Finished:
        """`pulumi destroy` without the preview before it."""
        return self.run("destroy", "--yes", "--skip-preview")

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs, from its state."""
        found = [resource for resource in self.stack.resources() if resource["type"] == "pulumi:pulumi:Stack"]
        return dict(found[0].get("outputs", {})) if found else {}

    def check(self, text: str) -> None:
        """Fail when a text for people, or the state, holds what must not be there."""
        assert "Traceback (most recent call last)" not in text, text
        shown = [secret for secret in self.secrets if secret in text]
        assert not shown, f"shown in clear: {shown}"


def new_project(folder: Path, cluster: ControlPlane, secrets: tuple[str, ...]) -> Project:
    """A project with the baseline that every kubeadm cluster starts from, and no stack state yet."""
    write_program(folder / "project", PROGRAM)
    stack = Stack(project=folder / "project", state=folder / "state", name=STACK, variables={"PYTHONPATH": SOURCES})
    project = Project(stack=stack, cluster=cluster, values={}, secrets=secrets)
    project.configure(
        kubeconfig=str(cluster.kubeconfig()),
        policies=list(POLICIES),
        grants=list(GRANTS),
        platform=_platform(cluster),
    )
    stack.select()
    return project


def write_program(folder: Path, program: str) -> None:
    """The two files every Pulumi project of this checkout's kind has."""
    (folder / "stacks").mkdir(parents=True)
    settings = {"name": "pod-security", "runtime": "python", "stackConfigDir": "stacks"}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "__main__.py").write_text(program, encoding="utf-8")


def _platform(cluster: ControlPlane) -> Mapping[str, Any]:
    return {
        "kind": "kubeadm",
        "config": str(cluster.config_file),
        "manifests": str(cluster.manifests),
        "kubeadm": str(binary("kubeadm", version=cluster.record.version)),
        "timeoutSeconds": TIMEOUT_SECONDS,
    }

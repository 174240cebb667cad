"""The real cluster behind the stand-in of a provider's API, and a program for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.integration.support.furniture import SECRETS
from tests.integration.support.project import SOURCES, Project
from tests.integration.support.sight import PLUGIN
from tools.controlplane import ControlPlane
from tools.stack import Stack

__all__ = ["enforced", "flip", "managed_project"]

_PROGRAM = """\
import pulumi

import pulumi_pod_security as ps

baseline = ps.PodSecurityBaseline("baseline", ps.PodSecurityBaselineArgs(
    policies=[ps.presets.privileged(), ps.presets.default()],
    grants=[
        ps.Grant(
            policy="privileged",
            namespace="kube-system",
            subjects=[ps.nodes(), ps.user("kubelet"), ps.service_accounts()],
        ),
        ps.Grant(policy="default", subjects=[ps.authenticated()]),
    ]))
"""


def enforced(kind: str, **arguments: object) -> str:
    """A program that enforces the usual baseline on a platform."""
    given = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    call = f'ps.{kind}Enablement("enforce", ps.{kind}EnablementArgs(baseline=baseline, {given}))'
    return f'{_PROGRAM}made = {call}\npulumi.export("enforced", made.enforced)\n'


def flip(cluster: ControlPlane, enabled: bool) -> None:  # noqa: FBT001 - what is wanted
    """Start the API server anew with or without the plugin, as a provider's control plane does."""
    names = ["NodeRestriction", *([PLUGIN] if enabled else [])]
    cluster.restart_api_server({"enable-admission-plugins": ",".join(names)})


def managed_project(
    folder: Path, cluster: ControlPlane, program: str, variables: Mapping[str, str], secrets: tuple[str, ...]
) -> Project:
    """A project of that program in the environment that leads its SDK to the stand-in."""
    settings = {"name": "pod-security", "runtime": "python"}
    (folder / "project").mkdir()
    (folder / "project" / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "project" / "__main__.py").write_text(program, encoding="utf-8")
    variables = {"PYTHONPATH": SOURCES, "KUBECONFIG": str(cluster.kubeconfig()), **variables}
    stack = Stack(project=folder / "project", state=folder / "state", name="test", variables=variables)
    project = Project(stack=stack, cluster=cluster, values={}, secrets=(*SECRETS, *secrets))
    stack.select()
    return project

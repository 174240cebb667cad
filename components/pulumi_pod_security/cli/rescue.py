"""`pod-security rescue`: a cluster whose plugin is on and lets nothing in gets a baseline, and its nodes come back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

import typer

from pulumi_pod_security.cli.declared import Declared
from pulumi_pod_security.cli.declaring import GrantOption, PolicyOption, StackFileOption, declared_by
from pulumi_pod_security.cli.options import ContextOption, KubeconfigOption
from pulumi_pod_security.cli.refusing import ADMITTED, REFUSED, refusing
from pulumi_pod_security.cli.waiting import telling
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.creations import waiting
from pulumi_pod_security.cluster.in_force import require_in_force
from pulumi_pod_security.cluster.preflight import require_psp, require_rights
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.recycling import Telling
from pulumi_pod_security.cluster.rescue import RESCUE_RIGHTS, apply
from pulumi_pod_security.cluster.revival import Node, Revival, nodes
from pulumi_pod_security.cluster.verification import plugin_is_on, refused_workloads
from pulumi_pod_security.errors import PodSecurityError, capped
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.manifests import manifests_yaml

__all__ = ["EXIT_CODES", "rescue"]

EXIT_CODES = (
    "Exit codes: 0 every node is ready and the plugin refuses no workload any more; 1 a node is not ready, or a "
    "workload is still refused; 2 something could not be read or used, or the command was not understood."
)
_DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the objects as YAML; ask and touch no cluster.")]
_TimeoutOption = Annotated[float, typer.Option(metavar="SECONDS", min=1, help="How long nodes may take to come back.")]


class NothingToRescue(PodSecurityError):
    """The plugin is off."""


def rescue(
    *,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    policy: PolicyOption = None,
    grant: GrantOption = None,
    stack_file: StackFileOption = None,
    dry_run: _DryRunOption = False,
    timeout: _TimeoutOption = 300,
) -> None:
    """Help a cluster that lets no pod in: put policies and grants there, make controllers try again, wait for nodes.

    Without options, the preset `privileged` is granted in kube-system to nodes and service accounts: the cluster's own
    pods come back, others not yet. An object of anyone else's that is there already and differs is never written over,
    one of an earlier rescue is changed. What was put there is what a stack with the same policies and grants makes:
    the next `pulumi up` takes it over.
    """
    with refusing():
        declared = declared_by(policy, grant, stack_file) or Declared.usual()
        manifests = declared.manifests()
        if dry_run:
            typer.echo(manifests_yaml(manifests), nl=False)
            raise typer.Exit(ADMITTED)
        with telling() as tell:
            cluster = _cluster(kubeconfig, context)
            for applied in apply(cluster.api, manifests):
                _say(f"{applied.outcome}: {applied.reference}")
            tell("waiting for the API server to follow")
            require_in_force(cluster, declared.plan())
            _revive(cluster, timeout, tell)
            tell("asking what is still refused")
            faults = list(_faults(cluster))
        for line in (*faults, *_next(declared, stack_file)):
            _say(line)
    raise typer.Exit(REFUSED if faults else ADMITTED)


def _cluster(kubeconfig: str | None, context: str | None) -> Cluster:
    cluster = Cluster(Connection(kubeconfig=kubeconfig, context=context).open())
    require_psp(cluster)
    require_rights(cluster, RESCUE_RIGHTS)
    if not plugin_is_on(cluster):
        raise NothingToRescue(
            f"the PodSecurityPolicy plugin is off at {cluster.api.where} and refuses nothing, so that there is nothing "
            "to rescue; put a baseline there with: pulumi up"
        )
    return cluster


def _revive(cluster: Cluster, timeout_seconds: float, tell: Telling) -> None:
    since = time.monotonic()
    for found in Revival(cluster, tell).run(timeout_seconds):
        if isinstance(found, Node):
            _say(f"node {found.name}: Ready ({time.monotonic() - since:.0f} s)")
        else:
            _say(f"woken: {found}")


def _faults(cluster: Cluster) -> Iterator[str]:
    """What is not as it should be, with what to do."""
    for node in nodes(cluster.api):
        if not node.ready:
            yield f"node {node.name}: not ready: {node.words}"
    for found in waiting(cluster):
        if found.answer.refusal is None:
            yield f"{found} has fewer pods than it wants; see why: kubectl describe {found.owner.in_kubectl}"
    refused = refused_workloads(cluster)
    if refused:
        yield f"still refused: {', '.join(capped(refused))}"
        for namespace in sorted({name.partition("/")[0] for name in refused}):
            yield f"    let them in too: --grant '{{policy: default, namespace: {namespace}, to: [service-accounts]}}'"


def _next(declared: Declared, stack_file: str | None) -> Iterator[str]:
    """What makes these objects a stack's."""
    if stack_file is not None:
        yield f"these are the objects of {stack_file}: its next `pulumi up` takes them over"
        return
    yield "declare the same in a stack, and its next `pulumi up` takes these objects over as they are:"
    yield from (f"    {line}" for line in declared.as_config().splitlines())


def _say(line: str) -> None:
    typer.echo(harmless(line))

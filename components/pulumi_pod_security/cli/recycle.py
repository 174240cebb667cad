"""`pod-security recycle`: pods that still run under an old policy are made anew, one workload at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Annotated

import typer

from pulumi_pod_security.cli.options import ContextOption, KubeconfigOption, require_namespace
from pulumi_pod_security.cli.outputs import Output, outputs, write
from pulumi_pod_security.cli.refusing import ADMITTED, REFUSED, refusing
from pulumi_pod_security.cli.waiting import telling
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.preflight import READ_RIGHTS, require_psp, require_rights
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.recycling import Done, RecyclingStopped, Telling, recycle
from pulumi_pod_security.cluster.staleness import survey
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.report.recycling import (
    Recycling,
    done_line,
    left_lines,
    planned_line,
    recycling_json,
    summary_line,
)

__all__ = ["EXIT_CODES", "recycle_pods"]

_FORMATS = ("table", "json")
EXIT_CODES = (
    "Exit codes: 0 every pod that a workload makes anew carries the policy its next one gets, or in a dry run would; "
    "1 something is to be mended first, or did not come back; "
    "2 something could not be read or used, or the command was not understood."
)
_NamespacesOption = Annotated[
    list[str] | None, typer.Option("--namespace", "-n", help="Only pods of this namespace. Repeatable.")
]
_DryRunOption = Annotated[bool, typer.Option("--dry-run", help="List what would be restarted and why; touch nothing.")]
_TimeoutOption = Annotated[
    float, typer.Option(metavar="SECONDS", min=1, help="How long one workload may take to come back.")
]
_OutputOption = Annotated[
    list[str] | None, typer.Option(metavar="FORMAT[=FILE]", help=f"One of {', '.join(_FORMATS)}. Repeatable.")
]


def recycle_pods(
    *,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    namespace: _NamespacesOption = None,
    dry_run: _DryRunOption = False,
    timeout: _TimeoutOption = 300,
    output: _OutputOption = None,
) -> None:
    """Restart what runs under another policy than its next pods would get, or under none.

    The server itself is asked what the next pod of each workload gets. Deployments, StatefulSets and DaemonSets are
    restarted as by `kubectl rollout restart`; pods of a ReplicaSet without a Deployment are evicted one by one. It is
    done one workload at a time, only where the next pod is known to be admitted, and stops at the first that does not
    come back. Pods that nothing makes anew are told, never deleted. It may be interrupted and run again.
    """
    with refusing():
        for name in namespace or ():
            require_namespace(name)
        targets = outputs(output or (), _FORMATS)
        with telling() as tell:
            tell("asking what the next pod of each workload gets")
            cluster = _cluster(kubeconfig, context)
            recycling = _Shown(survey=survey(cluster, namespace), shown=Output("table", None) in targets)
            recycling.plan() if dry_run else recycling.run(cluster, timeout, tell)
        recycling.end(targets, dry_run=dry_run)
    raise typer.Exit(REFUSED if recycling.is_open else ADMITTED)


def _cluster(kubeconfig: str | None, context: str | None) -> Cluster:
    cluster = Cluster(Connection(kubeconfig=kubeconfig, context=context).open())
    require_psp(cluster)
    require_rights(cluster, READ_RIGHTS)
    return cluster


@dataclass(kw_only=True)
class _Shown(Recycling):
    """A recycling that is shown while it goes on.

    Attributes:
        shown: whether lines go to the standard output.
    """

    shown: bool
    lines: list[str] = field(default_factory=list)

    def plan(self) -> None:
        """Only say what would be done."""
        for stale in self.survey.stale:
            self._say(planned_line(stale))
        self.left += self.survey.left

    def run(self, cluster: Cluster, timeout_seconds: float, tell: Telling) -> None:
        """Do it, as far as it goes."""
        self.left += self.survey.left
        try:
            for outcome in recycle(cluster, self.survey, timeout_seconds, tell):
                if isinstance(outcome, Done):
                    self.done.append(outcome)
                    self._say(done_line(outcome))
                else:
                    self.left.append(outcome)
        except RecyclingStopped as error:
            self.stopped = str(error)

    def end(self, targets: Iterable[Output], *, dry_run: bool) -> None:
        """Say the rest, and write what goes to files."""
        for left in self.left:
            for line in left_lines(left):
                self._say(line)
        for line in (self.stopped or "").splitlines():
            self._say(harmless(line))
        self._say(summary_line(self, dry_run=dry_run))
        table = "".join(f"{line}\n" for line in self.lines)
        for target in targets:
            if target.format == "json" or target.file is not None:
                write(target, recycling_json(self) if target.format == "json" else table)

    def _say(self, line: str) -> None:
        self.lines.append(line)
        if self.shown:
            write(Output("table", None), f"{line}\n")

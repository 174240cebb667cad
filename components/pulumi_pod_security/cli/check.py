"""`pod-security check`: which workloads are admitted, by which policy, changed how, refused why."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer

from pulumi_pod_security.admission.documents import Read
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.cli.collecting import Collection
from pulumi_pod_security.cli.explaining import explanations
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.looking import Looking, files
from pulumi_pod_security.cli.notes import check_notes, require_policies
from pulumi_pod_security.cli.options import (
    ClusterOption,
    ContextOption,
    KubeconfigOption,
    NamespaceOption,
    PathsArgument,
    TemplateOption,
    connection,
    require_namespace,
    require_something,
    templates_of,
)
from pulumi_pod_security.cli.outputs import Output, outputs, write
from pulumi_pod_security.cli.progress import Working, working
from pulumi_pod_security.cli.refusing import ADMITTED, REFUSED, UNUSABLE, refusing
from pulumi_pod_security.cli.trial import tried
from pulumi_pod_security.policy.identities import asking
from pulumi_pod_security.report.json_text import json_text
from pulumi_pod_security.report.junit import junit
from pulumi_pod_security.report.lines import lines
from pulumi_pod_security.report.review import Review

__all__ = ["EXIT_CODES", "check"]

_FORMATS = ("table", "json", "junit")
EXIT_CODES = (
    "Exit codes: 0 all workloads are admitted; 1 some are refused; "
    "2 something could not be read or used, or the command was not understood, or custom resources that seem to embed "
    "pods were not judged. 2 wins over 1."
)

_Many = list[str] | None
_PolicyOption = Annotated[_Many, typer.Option(metavar="PRESET", help="Try a preset, granted to everyone. Repeatable.")]
_PoliciesOption = Annotated[
    _Many, typer.Option(metavar="PATH", help="Try a file's policies, granted to everyone. Repeatable.")
]
_ExplainOption = Annotated[
    _Many, typer.Option(metavar="WORKLOAD", help="Walk through every policy for NAMESPACE/KIND/NAME or a part of it.")
]
_OutputOption = Annotated[
    _Many, typer.Option(metavar="FORMAT[=FILE]", help=f"One of {', '.join(_FORMATS)}. Repeatable.")
]
_AuthorOption = Annotated[
    str | None,
    typer.Option(
        metavar="SUBJECT",
        help="Who creates pods that no controller owns, such as user:jane; by default as if a ReplicaSet made them.",
    ),
]


def check(
    *,
    paths: PathsArgument = None,
    cluster: ClusterOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    policy: _PolicyOption = None,
    policies_from: _PoliciesOption = None,
    explain: _ExplainOption = None,
    output: _OutputOption = None,
    namespace: NamespaceOption = "default",
    author: _AuthorOption = None,
    template: TemplateOption = None,
) -> None:
    """Say which workloads are admitted, by which policy, changed how, and which are refused, and why.

    Workloads, policies and RBAC are taken from PATHS; with a cluster, its policies and RBAC count besides, and what
    PATHS hold stands for the cluster's object of the same name. Without PATHS the cluster's own workloads are judged.
    """
    with refusing():
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        require_something(paths, live=live is not None)
        require_namespace(namespace)
        targets = outputs(output or (), _FORMATS)
        trial, assumed = tried(policy or (), policies_from or ())
        gathering = _gathering(namespace, author, template or ())
        collection = Collection(gathering=gathering)
        looking = Looking(templates=gathering.templates)
        report = _read(collection, looking, trial, paths or (), live)
        require_policies(report, live)
        notes = (*assumed, *check_notes(report, collection, looking, live))
        review = Review(report=report, notes=notes, explanations=explanations(explain or (), report, gathering.rbac))
        _show(review, targets)
    raise typer.Exit(UNUSABLE if report.incomplete else REFUSED if report.refused else ADMITTED)


def _read(
    collection: Collection, looking: Looking, trial: Iterable[Read], paths: Sequence[str], live: Live | None
) -> Report:
    with working() as told:
        collection.read(_layers(looking, trial, paths, live, told), told)
        return collection.gathering.report()


def _gathering(namespace: str, author: str | None, templates: Iterable[str]) -> Gathering:
    creator = None if author is None else asking(author, namespace, "--author")
    return Gathering(namespace=namespace, author=creator, templates=templates_of(templates))


def _layers(
    looking: Looking, trial: Iterable[Read], paths: Sequence[str], live: Live | None, told: Working
) -> Iterable[Iterable[Read]]:
    yield trial
    yield looking.over(files(paths))
    if live:
        yield live.access(told)
        if not paths:
            yield looking.over(live.running(looking.templates, told))


def _show(review: Review, targets: Iterable[Output]) -> None:
    """Files first, so that a table that is cut short by a pager takes no file with it."""
    for target in sorted(targets, key=lambda output: output.file is None):
        if target.format == "table" and target.file is None and sys.stdout.isatty():
            _table(review)
        else:
            write(target, _text(review, target.format))


def _text(review: Review, form: str) -> str:
    if form == "json":
        return json_text(review)
    return junit(review) if form == "junit" else "".join(f"{line}\n" for line in lines(review))


def _table(review: Review) -> None:
    from rich.console import Console

    from pulumi_pod_security.report.table import print_table

    print_table(review, Console(markup=False, highlight=False, emoji=False))

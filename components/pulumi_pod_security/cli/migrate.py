"""`pod-security migrate`: what is there, said as this package says it, and what Pod Security levels would change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated

import typer

from pulumi_pod_security.admission.documents import Read
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.migration import Survey, idle, in_namespaces, nearest, take_over
from pulumi_pod_security.admission.standards import LATEST, Standard
from pulumi_pod_security.cli.collecting import Collection
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.looking import files
from pulumi_pod_security.cli.notes import collection_notes
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
from pulumi_pod_security.cli.outputs import outputs, write
from pulumi_pod_security.cli.progress import Working, working
from pulumi_pod_security.cli.refusing import ADMITTED, UNUSABLE, refusing
from pulumi_pod_security.policy.stored import as_stored
from pulumi_pod_security.report.migration import (
    Migration,
    migration_json,
    migration_lines,
    migration_program,
    migration_yaml,
)
from pulumi_pod_security.report.stack_config import mistaken_for_secrets

__all__ = ["EXIT_CODES", "migrate"]

EXIT_CODES = (
    "Exit codes: 0 done, also where something is not taken over; "
    "2 something could not be read or used, or the command was not understood, or custom resources that seem to embed "
    "pods were not judged."
)
_FORMATS: Mapping[str, Callable[[Migration], str]] = {
    "table": lambda found: "".join(f"{line}\n" for line in migration_lines(found)),
    "yaml": migration_yaml,
    "python": migration_program,
    "json": migration_json,
}
_OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FORMAT[=FILE]",
        help=(
            f"One of {', '.join(_FORMATS)}. Repeatable. yaml is the config of a stack's file of this repository, "
            "python a program that uses the package."
        ),
    ),
]
_StandardOption = Annotated[
    str, typer.Option("--version", metavar="VERSION", help="The version of the Pod Security Standards, such as v1.25.")
]


def migrate(
    *,
    paths: PathsArgument = None,
    cluster: ClusterOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    output: _OutputOption = None,
    namespace: NamespaceOption = "default",
    standard: _StandardOption = LATEST,
    template: TemplateOption = None,
) -> None:
    """Say the policies and grants that are there as this package says them, and what Pod Security levels would change.

    Policies, RBAC and workloads are taken from PATHS or a cluster, which is only read; with both, the workloads are
    those of PATHS. What RBAC gives and no grant can say - rules by '*', rules for every policy, aggregated roles, odd
    subjects - is listed with its binding and role, and is not taken over. Roles and bindings keep their names where a
    grant says them whole; the others get names of their own, and those of today stay until somebody deletes them.

    For each policy the nearest level of the Pod Security Standards is named, with what it would newly allow and newly
    refuse; for each namespace the tightest level that all its workloads pass, and the workloads that would fare
    otherwise than today under the level that is nearest to its policies.
    """
    with refusing():
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        require_something(paths, live=live is not None)
        require_namespace(namespace)
        targets = outputs(output or (), tuple(_FORMATS))
        # A version that does not exist is refused before anything is read.
        survey = Survey(version=Standard(level="privileged", version=standard).version)
        gathering = Gathering(
            namespace=namespace, author=None, templates=templates_of(template or ()), watch=survey.see
        )
        migration = _found(Collection(gathering=gathering), survey, paths or [], live)
        # Files first, so that a pager that ends early takes none with it.
        for target in sorted(targets, key=lambda one: one.file is None):
            write(target, _FORMATS[target.format](migration))
    raise typer.Exit(UNUSABLE if migration.is_incomplete else ADMITTED)


def _found(collection: Collection, survey: Survey, paths: list[str], live: Live | None) -> Migration:
    gathering = collection.gathering
    with working() as told:
        collection.read(_layers(paths, live, gathering.templates, told), told)
        report = gathering.report()
        surveyed = survey.result(gathering.evaluator())
    taken = take_over(gathering.policies, gathering.rbac)
    # Workloads are judged by what a server keeps of a policy.
    levels = tuple(nearest(as_stored(policy), survey.version) for policy in taken.policies)
    return Migration(
        taken=taken,
        levels=levels,
        namespaces=in_namespaces(surveyed, levels),
        idle=idle([*map(as_stored, gathering.policies)], gathering.rbac, surveyed),
        unread=report.unread,
        faults=report.faults,
        notes=(*collection_notes(collection), *_secrets(mistaken_for_secrets(taken.policies)), *_removed(live)),
    )


def _layers(paths: list[str], live: Live | None, templates: Iterable[str], told: Working) -> Iterator[Iterable[Read]]:
    yield files(paths)
    if live:
        yield live.access(told)
        if not paths:
            yield live.running(templates, told)


def _removed(live: Live | None) -> Iterator[str]:
    if live and live.removed:
        yield f"{live.removed}; what its workloads get today is judged as a 1.24 server would, by the policies given"


def _secrets(names: list[str]) -> Iterator[str]:
    if names:
        yield (
            "the only label or annotation of these is 'secure', which Pulumi takes for an encrypted value in a "
            f"stack's file; take --output python: {', '.join(names)}"
        )

"""`pod-security who-can` and `pod-security can`: rights to use policies, and the binding, role and rule behind each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from pulumi_pod_security.admission.rbac import Because
from pulumi_pod_security.admission.rbac.review.concern import concerning, of_policy, of_somebody
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.options import (
    ClusterOption,
    ContextOption,
    KubeconfigOption,
    NamespaceOption,
    PathsArgument,
    connection,
    require_namespace,
    require_something,
)
from pulumi_pod_security.cli.outputs import outputs, write
from pulumi_pod_security.cli.refusing import ADMITTED, UNUSABLE, refusing
from pulumi_pod_security.cli.rights import Rights
from pulumi_pod_security.errors import closest, shown
from pulumi_pod_security.policy.identities import identity_of, subject_of
from pulumi_pod_security.policy.subjects import Subject
from pulumi_pod_security.report.access import Access, access_json, access_lines
from pulumi_pod_security.report.wording import plural

__all__ = ["EXIT_CODES", "can", "who_can"]

_FORMATS = ("table", "json")
_AUTHENTICATED = "system:authenticated"
EXIT_CODES = (
    "Exit codes: 0 answered, also that there is no such policy or that nobody may use it; "
    "2 something could not be read or used, or the command was not understood."
)
_OutputOption = Annotated[
    list[str] | None, typer.Option(metavar="FORMAT[=FILE]", help=f"One of {', '.join(_FORMATS)}. Repeatable.")
]
_SPELLED = "user:NAME, group:NAME, serviceaccount:NAMESPACE/NAME, service-accounts:NAMESPACE, nodes or authenticated."


def who_can(
    policy: Annotated[str, typer.Argument(metavar="POLICY", help="The policy's name.")],
    *,
    paths: PathsArgument = None,
    cluster: ClusterOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    output: _OutputOption = None,
    namespace: NamespaceOption = "default",
) -> None:
    """Say who may use a policy, where, and by which binding, role and rule; and what is odd about the RBAC."""
    with refusing():
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        rights = _rights(paths, live, namespace)
        answers = rights.rbac.who_can(policy)
        first = tuple(_of_policy(policy, rights.names))
        concern = of_policy(rights.rbac, policy, answers)
        _tell(f"who-can {policy}", answers, rights, concern, output or (), first=first)


def can(
    subject: Annotated[str, typer.Argument(metavar="SUBJECT", help=_SPELLED)],
    *,
    paths: PathsArgument = None,
    cluster: ClusterOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    output: _OutputOption = None,
    namespace: NamespaceOption = "default",
) -> None:
    """Say which policies a subject may use, where, and by which binding, role and rule; and what is odd about it."""
    with refusing():
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        who = subject_of(subject, namespace, "SUBJECT")
        rights = _rights(paths, live, namespace)
        identity = identity_of(who)
        answers = rights.rbac.can(identity)
        concern = of_somebody(rights.rbac, identity, answers)
        notes = tuple(_of_subject(who, answers, rights))
        _tell(f"can {subject}", answers, rights, concern, output or (), notes=notes)


def _rights(paths: list[str] | None, live: Live | None, namespace: str) -> Rights:
    require_something(paths, live=live is not None)
    require_namespace(namespace)
    return Rights.of(paths or (), live, namespace)


def _of_policy(policy: str, names: Sequence[str]) -> Iterator[str]:
    if policy not in names:
        guess = closest(policy, names)
        yield f"there is no policy {shown(policy)}" + (f"; did you mean {guess!r}?" if guess else "")


def _of_subject(who: Subject, answers: Sequence[Because], rights: Rights) -> Iterator[str]:
    missing = rights.missing(answers)
    if missing:
        yield f"there is no policy named {', '.join(map(shown, missing))}"
    if who.kind == "ServiceAccount" and any(answer.subject.name == _AUTHENTICATED for answer in answers):
        yield (
            f"a service account is in {_AUTHENTICATED} when it sends a request itself; as the account of a pod that "
            "another creates it is not"
        )


def _tell(
    question: str,
    answers: tuple[Because, ...],
    rights: Rights,
    concern: frozenset[str],
    output: Sequence[str],
    *,
    first: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> None:
    every = rights.pitfalls()
    pitfalls = concerning(every, concern)
    access = Access(
        question=question,
        answers=answers,
        policies=rights.names,
        pitfalls=pitfalls,
        faults=rights.faults,
        first=first,
        notes=(*rights.notes, *notes, *_left_out(len(every) - len(pitfalls))),
    )
    for target in outputs(output, _FORMATS):
        text = access_json(access) if target.format == "json" else "".join(f"{x}\n" for x in access_lines(access))
        write(target, text)
    raise typer.Exit(UNUSABLE if access.faults else ADMITTED)


def _left_out(others: int) -> Iterator[str]:
    if others:
        yield f"not listed: {plural(others, 'pitfall')} of other policies, roles and bindings"

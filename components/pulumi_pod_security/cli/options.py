"""The arguments and options that commands share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.admission.templates import mended
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.errors import Fault, InvalidInput, InvalidStandard
from pulumi_pod_security.policy.syntax import DNS_LABEL
from pulumi_pod_security.targets.psa import standard_from_text

__all__ = [
    "ClusterOption",
    "ContextOption",
    "KubeconfigOption",
    "NamespaceOption",
    "PathsArgument",
    "TemplateOption",
    "connection",
    "require_namespace",
    "require_something",
    "standard_of",
    "templates_of",
]

PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATHS|-", help="YAML or JSON files, folders, or - for the standard input."),
]
ClusterOption = Annotated[
    bool, typer.Option("--cluster", help="Read a live cluster: policies, RBAC and, without PATHS, workloads.")
]
KubeconfigOption = Annotated[
    str | None, typer.Option(metavar="PATH", help="Its kubeconfig; by default $KUBECONFIG or ~/.kube/config.")
]
ContextOption = Annotated[str | None, typer.Option(metavar="NAME", help="The context in the kubeconfig.")]
NamespaceOption = Annotated[str, typer.Option("--namespace", "-n", help="Where an object goes that names none.")]

TemplateOption = Annotated[
    list[str] | None,
    typer.Option(metavar="KIND=PATH", help="Pods in custom resources: argoproj.io/Rollout=spec.template."),
]


def connection(*, cluster: bool, kubeconfig: str | None, context: str | None) -> Connection | None:
    """The cluster that the options name; each of them alone says that one is to be read."""
    if not cluster and kubeconfig is None and context is None:
        return None
    return Connection(kubeconfig=kubeconfig, context=context)


def require_namespace(namespace: str) -> None:
    """Refuse what is no name of a namespace.

    Raises:
        InvalidInput: saying what is.
    """
    if not DNS_LABEL.admits(namespace):
        fault = Fault(path="--namespace", value=namespace, allowed=DNS_LABEL.allowed)
        raise InvalidInput("options", [fault])


def require_something(paths: list[str] | None, *, live: bool) -> None:
    """Refuse to read nothing.

    Raises:
        typer.BadParameter: there are neither paths nor a cluster.
    """
    if not paths and not live:
        raise typer.BadParameter("give files, folders, - for the standard input, or --cluster", param_hint="PATHS")


def standard_of(mode: str, text: str, minor: int) -> Standard:
    """The standard that the option of a mode names, of the server's version `1.minor` where it names none.

    Raises:
        InvalidStandard: there is no such level or version.
    """
    try:
        return standard_from_text(text, f"v1.{minor}")
    except InvalidStandard as error:
        raise InvalidStandard(f"--{mode}", error.faults) from None


def templates_of(texts: Iterable[str]) -> dict[str, str]:
    """Where custom resources embed pod templates, by group and kind.

    Raises:
        InvalidInput: a text could not point at anything, with what to write instead.
    """
    return dict(map(_template, texts))


def _template(text: str) -> tuple[str, str]:
    kind, _, path = text.partition("=")
    if instead := mended(kind, path, "argoproj.io/Rollout=spec.template"):
        raise InvalidInput("options", [Fault(path="--template", value=text, allowed=instead)])
    return kind, path

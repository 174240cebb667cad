"""`pod-security kubeadm-standards`: Pod Security's defaults and exemptions for the API servers of a kubeadm cluster."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from pulumi_pod_security.admission.standards import Standard
from pulumi_pod_security.cli.configured import FileArgument, FolderOption, LiveOption, nodes, source, write
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.options import ContextOption, KubeconfigOption, connection, standard_of
from pulumi_pod_security.cli.refusing import ADMITTED, refusing
from pulumi_pod_security.errors import shown
from pulumi_pod_security.platforms.admissionfile import AdmissionFile, with_admission_file
from pulumi_pod_security.platforms.clusterconfiguration import kubernetes_version
from pulumi_pod_security.platforms.configurations import NODE, Configuration, ConfigurationFile
from pulumi_pod_security.platforms.following import require_version
from pulumi_pod_security.platforms.known import platform_of
from pulumi_pod_security.platforms.phases import changed_lines
from pulumi_pod_security.platforms.platform import require_admission_file
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.targets.admissionconfiguration import (
    PodSecurityConfiguration,
    PodSecurityDefaults,
    PodSecurityExemptions,
)

__all__ = ["EXIT_CODES", "kubeadm_standards"]

EXIT_CODES = (
    "Exit codes: 0 all files are written; 2 something could not be read or used, or the command was not understood."
)
_BEFORE, _AFTER = "kubeadm-before-standards.yaml", "kubeadm-with-standards.yaml"
_MINOR = re.compile(r"v?1\.([0-9]{1,4})\b")
_NOTHING = "privileged:latest"
_LEVEL = "LEVEL[:VERSION]"
_EnforceOption = Annotated[str, typer.Option("--enforce", metavar=_LEVEL, help="What pods must fit to be admitted.")]
_AuditOption = Annotated[str, typer.Option("--audit", metavar=_LEVEL, help="What the audit log notes.")]
_WarnOption = Annotated[str, typer.Option("--warn", metavar=_LEVEL, help="What senders are warned of.")]
_NamespacesOption = Annotated[
    list[str] | None, typer.Option("--exempt-namespace", metavar="NAMESPACE", help="May be repeated.")
]
_UsersOption = Annotated[list[str] | None, typer.Option("--exempt-user", metavar="USER", help="May be repeated.")]
_ClassesOption = Annotated[
    list[str] | None, typer.Option("--exempt-runtime-class", metavar="NAME", help="May be repeated.")
]


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What is written: the configuration as it is and with the file, and the file."""

    given: Configuration
    before: str
    after: str
    file: AdmissionFile
    folder: Path

    @property
    def enforced(self) -> Standard:
        return self.file.configuration.defaults.enforce

    @property
    def texts(self) -> dict[Path, str]:
        folder = self.folder
        return {folder / _BEFORE: self.before, folder / _AFTER: self.after, folder / self.file.name: self.file.text}


def kubeadm_standards(
    file: FileArgument = None,
    *,
    enforce: _EnforceOption = _NOTHING,
    audit: _AuditOption = _NOTHING,
    warn: _WarnOption = _NOTHING,
    exempt_namespace: _NamespacesOption = None,
    exempt_user: _UsersOption = None,
    exempt_runtime_class: _ClassesOption = None,
    cluster: LiveOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    folder: FolderOption = Path(),
) -> None:
    """Write what gives a kubeadm cluster default levels of the Pod Security Standards, and exemptions.

    An AdmissionConfiguration in the version that the server reads, and the kubeadm configuration that names and mounts
    it, otherwise the same to the byte; what to run when is printed. A level without a version is that of the server's
    version. Labels of a namespace are stronger than defaults, and exemptions stronger than labels.
    """
    with refusing():
        exemptions = PodSecurityExemptions(
            usernames=tuple(exempt_user or ()),
            namespaces=tuple(exempt_namespace or ()),
            runtime_classes=tuple(exempt_runtime_class or ()),
        )
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        _require_open(live)
        given = source(file, live)
        text, minor = given.read(), _minor(given, live)
        levels = {"enforce": enforce, "audit": audit, "warn": warn}
        defaults = PodSecurityDefaults(**{mode: standard_of(mode, level, minor) for mode, level in levels.items()})
        configuration = PodSecurityConfiguration(defaults=defaults, exemptions=exemptions)
        made = _made(given, text, AdmissionFile(configuration=configuration, minor=minor), folder)
        write(made.texts, file)
        for line in (*_told(made), *_steps(made, file, nodes(live))):
            typer.echo(harmless(line))
    raise typer.Exit(ADMITTED)


def _require_open(live: Live | None) -> None:
    """Refuse a cluster whose provider lets nobody configure its API servers."""
    platform = live and platform_of(live.version.git_version, live.api.address)
    if platform:
        require_admission_file(platform)


def _minor(given: Configuration, live: Live | None) -> int:
    if live is not None:
        require_version(given, live.version.git_version)
    version = kubernetes_version(given.read())
    found = _MINOR.match(version or "")
    if found is None:
        raise SwitchError(
            f"{given}: kubernetesVersion: {shown(version)}; allowed: a version such as 'v1.24.17', by which the "
            "version of the file is chosen"
        )
    return int(found[1])


def _made(given: Configuration, text: str, file: AdmissionFile, folder: Path) -> _Made:
    try:
        after = with_admission_file(text, file)
    except SwitchError as error:
        raise SwitchError(f"{given}: {error}") from None
    return _Made(given=given, before=text, after=after, file=file, folder=folder)


def _told(made: _Made) -> Iterator[str]:
    yield f"file: {made.folder / made.file.name}: for Kubernetes 1.{made.file.minor}; its name follows its content"
    yield f"before: {made.folder / _BEFORE} ({made.given} as it is)"
    lines = ", ".join(map(str, changed_lines(made.before, made.after)))
    differs = f"differs in lines {lines}: the API server's flag and its volume" if lines else "is the same"
    yield f"after: {made.folder / _AFTER}: {differs}"
    if made.enforced.level != "privileged" and "kube-system" not in made.file.configuration.exemptions.namespaces:
        yield (
            "kube-system is not exempt: unless it is labelled pod-security.kubernetes.io/enforce=privileged, its own "
            "pods, such as those of kube-proxy and of the network, are judged by the default too"
        )


def _steps(made: _Made, file: Path | None, named: Sequence[str]) -> Iterator[str]:
    yield f"1. the file, before anything names it: {' && '.join(_copied(made, node) for node in named)}"
    if file is not None:
        init = f"sudo kubeadm init --config {shlex.quote(str(made.folder / _AFTER))}"
        yield f"2. a new cluster: {init}; nodes that join its control plane need the file first, too"
    yield f"2. a cluster that is there: {ConfigurationFile(made.folder / _AFTER).command(named)}"
    if made.enforced.level != "privileged":
        yield (
            "3. in a namespace without labels this is refused then, with the words "
            f'violates PodSecurity "{made.enforced}": kubectl run tried --image=tried --privileged --dry-run=server'
        )
    yield f"back, while the file is still there: {ConfigurationFile(made.folder / _BEFORE).command(named)}"
    if NODE in named:
        yield f"{NODE} stands for each control-plane node; with --cluster they are named"


def _copied(made: _Made, node: str) -> str:
    name, there = made.file.name, shlex.quote(node)
    copy = f"scp {shlex.quote(str(made.folder / name))} {there}:{name}"
    return f"{copy} && ssh {there} sudo install -D -m 644 {name} {made.file.path}"

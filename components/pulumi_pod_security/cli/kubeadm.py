"""`pod-security kubeadm-config`: the configuration of a kubeadm cluster before and after the plugin."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.options import ContextOption, KubeconfigOption, connection
from pulumi_pod_security.cli.refusing import ADMITTED, refusing
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.errors import Fault, InvalidInput
from pulumi_pod_security.platforms.apiservers import Agreement, agreement
from pulumi_pod_security.platforms.clusterconfiguration import kubernetes_version, plugins
from pulumi_pod_security.platforms.configurations import NODE, Configuration, ConfigurationFile, LiveConfiguration
from pulumi_pod_security.platforms.files import read, replace
from pulumi_pod_security.platforms.following import require_version
from pulumi_pod_security.platforms.phases import Phases
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.report.harmless import harmless

__all__ = ["EXIT_CODES", "kubeadm_config"]

EXIT_CODES = (
    "Exit codes: 0 both files are written; 2 something could not be read or used, or the command was not understood."
)
_FILES = ("kubeadm-phase-1.yaml", "kubeadm-phase-2.yaml")
_FileArgument = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="The file that kubeadm was, or will be, given.")
]
_ClusterOption = Annotated[
    bool, typer.Option("--cluster", help="Read a live cluster: its nodes and, without FILE, its kubeadm-config.")
]
_FolderOption = Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="Where the two files go.")]


def kubeadm_config(
    file: _FileArgument = None,
    *,
    cluster: _ClusterOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    folder: _FolderOption = Path(),
) -> None:
    """Write a kubeadm configuration twice: without PodSecurityPolicy for phase 1, and with it for phase 2.

    Everything else stays to the byte. Between the phases come policies and grants; what to run when is printed. With a
    cluster the control-plane nodes are named, and without FILE its live ConfigMap kubeadm-config is read.
    """
    with refusing():
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        source = _source(file, live)
        text = source.read()
        phases = _phases(source, text, live)
        written = tuple(folder / name for name in _FILES)
        _write(dict(zip(written, phases.texts, strict=True)), file)
        for line in (*_differences(source, text, phases, written), *_steps(file, phases, written, _nodes(live))):
            typer.echo(harmless(line))
    raise typer.Exit(ADMITTED)


def _source(file: Path | None, live: Live | None) -> Configuration:
    if file is not None:
        return ConfigurationFile(file)
    if live is None:
        raise typer.BadParameter("give the file of a kubeadm configuration, or --cluster", param_hint="FILE")
    return LiveConfiguration(live.connection)


def _phases(source: Configuration, text: str, live: Live | None) -> Phases:
    if live is not None:
        require_version(source, live.version.git_version)
    try:
        return Phases.of(text)
    except SwitchError as error:
        raise SwitchError(f"{source}: {error}") from None


def _write(texts: Mapping[Path, str], source: Path | None) -> None:
    """New files are readable by their owner only, because a kubeadm configuration may hold tokens."""
    for path, text in texts.items():
        if source is not None and path.exists() and path.samefile(source) and read(path) != text:
            raise _refusal(path.parent, "another folder than that of FILE, which would be replaced")
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refusal(path.parent, f"a folder that can be written ({error.strerror})") from None
        replace(path, text)


def _refusal(folder: Path, allowed: str) -> InvalidInput:
    return InvalidInput("options", [Fault(path="--folder", value=str(folder), allowed=allowed)])


def _nodes(live: Live | None) -> tuple[str, ...]:
    found = agreement(Cluster(live.api)) if live else Agreement()
    return tuple(sorted((*found.running, *found.without))) or (NODE,)


def _differences(source: Configuration, text: str, phases: Phases, written: Sequence[Path]) -> Iterator[str]:
    for number, (path, phase) in enumerate(zip(written, phases.texts, strict=True), 1):
        same = f" ({source} as it is)" if phase == text else ""
        yield f"phase {number}: {path}{same}: admission plugins {', '.join(plugins(phase)) or 'none'}"
    numbers = ", ".join(map(str, phases.lines))
    what = f"line {numbers}" if len(phases.lines) == 1 else f"lines {numbers}"
    yield f"phase 2 differs in {what}, apiServer.extraArgs.enable-admission-plugins, and in nothing else"


def _steps(file: Path | None, phases: Phases, written: Sequence[Path], nodes: Sequence[str]) -> Iterator[str]:
    first, second = written
    if kubernetes_version(phases.first) is None:
        yield "write kubernetesVersion into both files before they are used, or kubeadm chooses a version by itself"
    if file is not None:
        yield f"1. a new cluster is made without the plugin: sudo kubeadm init --config {shlex.quote(str(first))}"
    yield "2. policies and grants: pulumi up, without a platform; what they would refuse: pod-security check --cluster"
    yield f"3. the plugin: {ConfigurationFile(second).command(nodes)}"
    yield f"back, before policies and grants go: {ConfigurationFile(first).command(nodes)}"
    if NODE in nodes:
        yield f"{NODE} stands for each control-plane node; with --cluster they are named"

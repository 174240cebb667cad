"""`pod-security kubeadm-config`: the configuration of a kubeadm cluster before and after the plugin."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from pulumi_pod_security.cli.configured import FileArgument, FolderOption, LiveOption, nodes, source, write
from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cli.options import ContextOption, KubeconfigOption, connection
from pulumi_pod_security.cli.refusing import ADMITTED, refusing
from pulumi_pod_security.platforms.clusterconfiguration import kubernetes_version, plugins
from pulumi_pod_security.platforms.configurations import NODE, Configuration, ConfigurationFile
from pulumi_pod_security.platforms.following import require_version
from pulumi_pod_security.platforms.phases import Phases
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.report.harmless import harmless

__all__ = ["EXIT_CODES", "kubeadm_config"]

EXIT_CODES = (
    "Exit codes: 0 both files are written; 2 something could not be read or used, or the command was not understood."
)
_FILES = ("kubeadm-phase-1.yaml", "kubeadm-phase-2.yaml")


def kubeadm_config(
    file: FileArgument = None,
    *,
    cluster: LiveOption = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
    folder: FolderOption = Path(),
) -> None:
    """Write a kubeadm configuration twice: without PodSecurityPolicy for phase 1, and with it for phase 2.

    Everything else stays to the byte. Between the phases come policies and grants; what to run when is printed. With a
    cluster the control-plane nodes are named, and without FILE its live ConfigMap kubeadm-config is read.
    """
    with refusing():
        live = Live.of(connection(cluster=cluster, kubeconfig=kubeconfig, context=context))
        given = source(file, live)
        text = given.read()
        phases = _phases(given, text, live)
        written = tuple(folder / name for name in _FILES)
        write(dict(zip(written, phases.texts, strict=True)), file)
        for line in (*_differences(given, text, phases, written), *_steps(file, phases, written, nodes(live))):
            typer.echo(harmless(line))
    raise typer.Exit(ADMITTED)


def _phases(given: Configuration, text: str, live: Live | None) -> Phases:
    if live is not None:
        require_version(given, live.version.git_version)
    try:
        return Phases.of(text)
    except SwitchError as error:
        raise SwitchError(f"{given}: {error}") from None


def _differences(given: Configuration, text: str, phases: Phases, written: Sequence[Path]) -> Iterator[str]:
    for number, (path, phase) in enumerate(zip(written, phases.texts, strict=True), 1):
        same = f" ({given} as it is)" if phase == text else ""
        yield f"phase {number}: {path}{same}: admission plugins {', '.join(plugins(phase)) or 'none'}"
    numbers = ", ".join(map(str, phases.lines))
    what = f"line {numbers}" if len(phases.lines) == 1 else f"lines {numbers}"
    yield f"phase 2 differs in {what}, apiServer.extraArgs.enable-admission-plugins, and in nothing else"


def _steps(file: Path | None, phases: Phases, written: Sequence[Path], named: Sequence[str]) -> Iterator[str]:
    first, second = written
    if kubernetes_version(phases.first) is None:
        yield "write kubernetesVersion into both files before they are used, or kubeadm chooses a version by itself"
    if file is not None:
        yield f"1. a new cluster is made without the plugin: sudo kubeadm init --config {shlex.quote(str(first))}"
    yield "2. policies and grants: pulumi up, without a platform; what they would refuse: pod-security check --cluster"
    yield f"3. the plugin: {ConfigurationFile(second).command(named)}"
    yield f"back, before policies and grants go: {ConfigurationFile(first).command(named)}"
    if NODE in named:
        yield f"{NODE} stands for each control-plane node; with --cluster they are named"

"""Pod Security labels for many namespaces: by one resource, by a resource for each, and by kubectl.

All of them write the same six labels. The one resource looks first for labels of others, and at what runs in each
namespace; the others look at nothing. The loop of kubectl, of which no part is done only once, is timed for some and
told for all, in proportion.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from bench.machine import load, median, seconds
from bench.programs import program, run
from pulumi_pod_security.targets.psa import psa_labels, standard_from_text
from tests.integration.support.asking import Asker, Question
from tests.integration.support.pod_server import creating
from tools.controlplane import LoneServer
from tools.scratch import scratch
from tools.stack import Stack
from tools.toolchain import ensure
from tools.walk.kubectl import Kubectl

__all__ = ["labels_of_namespaces"]

_VERSION = "1.36.3"
# There is no other here; labels are the same to all of them.
_KUBECTL = "1.24.17"
_ENOUGH = 100
_NAMESPACES = "/api/v1/namespaces"
_STANDARDS = {"enforce": "baseline", "audit": "restricted", "warn": "restricted:latest"}
_LABELS = psa_labels({mode: standard_from_text(text, "v1.36") for mode, text in _STANDARDS.items()})
_ONE = f"""
import pulumi
import pulumi_pod_security as ps

namespaces = pulumi.Config().require_object("namespaces")
ps.NamespaceStandards("levels", ps.NamespaceStandardsArgs(namespaces=namespaces, **{_STANDARDS}))
"""
_EACH = f"""
import pulumi
from pulumi_kubernetes.core.v1 import NamespacePatch

for name in pulumi.Config().require_object("namespaces"):
    NamespacePatch(name, metadata={{"name": name, "labels": {_LABELS}}})
"""


def labels_of_namespaces(namespaces: int, laps: int) -> None:
    """Print the time of each way, and how many times the one resource's it is."""
    ensure()
    with scratch(Path(tempfile.gettempdir())) as folder:
        # What deletes in the foreground waits for it.
        server = LoneServer(folder / "server", _VERSION, controllers=["garbagecollector"])
        try:
            server.start(owner=os.getpid())
            names = [f"team-{number:04d}" for number in range(namespaces)]
            Asker(server).make(*(creating(_NAMESPACES, {"metadata": {"name": name}}) for name in names))
            before, taken = load(), _measure(server, folder, names, laps)
            _print(taken, laps, f"{namespaces} namespaces, load {before} before and {load()} after")
        finally:
            server.destroy()


def _measure(server: LoneServer, folder: Path, names: Sequence[str], laps: int) -> dict[str, list[float]]:
    """How long each way takes for all of them, lap by lap; each lap ends without a label."""
    some = names[:_ENOUGH]
    scale, scaled = len(names) / len(some), f", {len(some)} scaled" if len(some) < len(names) else ""
    one, each = _stack(server, folder / "one", _ONE, names), _stack(server, folder / "each", _EACH, names)
    kubectl, labels = Kubectl(server.kubeconfig(), _KUBECTL), [f"{key}={value}" for key, value in _LABELS.items()]
    taken: dict[str, list[float]] = {}

    def timed(title: str, act: Callable[[], object], times: float = 1) -> None:
        taken.setdefault(title, []).append(seconds(act) * times)

    def labelled(*named: str) -> str:
        return kubectl.run("label", "namespaces", *named, *labels)

    def each_labelled() -> None:
        for name in some:
            labelled(name)

    for _ in range(laps):
        timed("one resource: up", lambda: _run(one, "up"))
        _require(server, names)
        timed("one resource: up, unchanged", lambda: _run(one, "up"))
        timed("one resource: destroy", lambda: _run(one, "destroy"))
        timed("a NamespacePatch each: up", lambda: _run(each, "up"))
        _require(server, names)
        timed("a NamespacePatch each: destroy", lambda: _run(each, "destroy"))
        timed(f"kubectl label for each{scaled}", each_labelled, scale)
        _require(server, some)
        _unlabel(kubectl, some)
        timed("kubectl label for all at once", lambda: labelled(*names))
        _require(server, names)
        _unlabel(kubectl, names)
    return taken


def _stack(server: LoneServer, project: Path, source: str, names: Sequence[str]) -> Stack:
    return program(project, source, {"pod-security:namespaces": list(names)}, {"KUBECONFIG": str(server.kubeconfig())})


def _run(stack: Stack, command: str) -> None:
    run(stack, command, "--yes", "--skip-preview")


def _unlabel(kubectl: Kubectl, names: Sequence[str]) -> None:
    kubectl.run("label", "namespaces", *names, *(f"{label}-" for label in _LABELS))


def _require(server: LoneServer, names: Sequence[str]) -> None:
    """Fail unless these have the labels and no others."""
    (reply,) = Asker(server).make(Question(method="GET", path=_NAMESPACES))
    having = {each["metadata"]["name"] for each in reply.content["items"] if _has_them(each["metadata"]["labels"])}
    if having != set(names):
        raise click.ClickException(f"{len(having)} namespaces have the labels instead of {len(names)}")


def _has_them(labels: dict[str, str]) -> bool:
    return _LABELS.items() <= labels.items()


def _print(taken: dict[str, list[float]], laps: int, title: str) -> None:
    click.echo(f"{title}; {laps} laps")
    ours = next(iter(taken.values()))
    for name, figures in taken.items():
        ratios = sorted(theirs / own for theirs, own in zip(figures, ours, strict=True))
        click.echo(f"  {name:44s} {median(figures):30s} {statistics.median(ratios):6.2f} x the one resource")

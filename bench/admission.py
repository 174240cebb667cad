"""How long an API server takes for a pod: with nothing that judges it, with labels, and with policies in each form.

Pods are sent over one connection, one after the other, as dry runs. Their author may use the last policy by name and
their service account none, so that each policy is compared and asked for: the most that a pod costs that is admitted.
In each lap every server begins anew. "Nothing" takes its turn before each other setting; the plugin, without policies,
refuses every pod, so that beside it stands a server of its version that has it off.

How long an answer takes depends on what else the machine does. What the API server's process works for a pod does so
much less, and is printed as well.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import click
import psutil

from bench import enforcers
from bench.machine import load, seconds
from tests.fixtures.psp_values import Manifest
from tests.integration.support.cel_server import CelServer
from tools.controlplane import LoneServer
from tools.controlplane.settings import read_record
from tools.controlplane.supervision import Supervisor
from tools.scratch import scratch
from tools.toolchain import ensure

__all__ = ["admission_latency"]

_WARM_UP = 50
_NOTHING = "nothing"
_PODS = {"complete pods": enforcers.COMPLETE, "pods to complete": enforcers.PLAIN}
_COMPLETE, _PLAIN = _PODS
_PERCENTS = (50, 99)
_HEADING = (
    f"{'':34s} {'p50':>9s} {'p99':>9s} {'work':>9s} {'ratio of p50':>19s} {'ratio of p99':>19s} {'ratio of work':>19s}"
)


@dataclass(frozen=True, kw_only=True)
class _Setting:
    """What judges pods.

    Attributes:
        user: who sends them.
        pods: the kinds that it admits.
    """

    title: str
    put: Callable[[CelServer], AbstractContextManager[None]]
    user: str = enforcers.user_of(1)
    pods: Sequence[str] = tuple(_PODS)


@dataclass(frozen=True, kw_only=True)
class _Server:
    """A new API server, and what judges pods on it in turn."""

    version: str
    plugins: str
    settings: Sequence[_Setting]


@dataclass(frozen=True, kw_only=True)
class _Row:
    """What the figures are of."""

    version: str
    pods: str
    title: str


@dataclass(kw_only=True)
class _Taken:
    """What the pods of a row took in one lap, in seconds.

    Attributes:
        times: each one's, until it was answered.
        work: of the API server's process, for all of them.
    """

    times: list[float] = field(default_factory=list)
    work: float = 0

    def figures(self) -> tuple[float, ...]:
        """The percentiles, and the work for one pod."""
        parts = statistics.quantiles(self.times, n=100, method="inclusive")
        return (*(parts[percent - 1] for percent in _PERCENTS), self.work / len(self.times))


_Lap = dict[_Row, _Taken]


def _settings(
    title: str, put: Callable[[int, CelServer], AbstractContextManager[None]], pods: Sequence[str]
) -> Iterator[_Setting]:
    for count in enforcers.SIZES:
        user = enforcers.user_of(count)
        yield _Setting(title=f"{title}, {count:2d}", put=partial(put, count), user=user, pods=pods)


def _beside_nothing(*settings: _Setting) -> Iterator[_Setting]:
    for setting in settings:
        yield _OFF
        yield setting


_OFF = _Setting(title=_NOTHING, put=enforcers.nothing)
_SERVERS = (
    _Server(
        version="1.36.3",
        plugins="NodeRestriction",
        settings=(
            *_beside_nothing(_Setting(title="Pod Security label, baseline", put=enforcers.labels)),
            *_beside_nothing(*_settings("validating", enforcers.validating, (_COMPLETE,))),
            *_beside_nothing(*_settings("validating and mutating", enforcers.validating_and_mutating, tuple(_PODS))),
        ),
    ),
    _Server(
        version="1.24.17",
        plugins="NodeRestriction",
        settings=(_OFF, _OFF),
    ),
    _Server(
        version="1.24.17",
        plugins="NodeRestriction,PodSecurityPolicy",
        settings=tuple(_settings("PodSecurityPolicy", enforcers.plugin, tuple(_PODS))),
    ),
)


def admission_latency(laps: int, pods: int) -> None:
    """Print a row for each setting: milliseconds, and how many times what nothing takes."""
    ensure()
    before, taken = load(), list[_Lap]()
    with scratch(Path(tempfile.gettempdir())) as folder:
        for number in range(laps):
            lap: _Lap = {}
            for index, server in enumerate(_SERVERS):
                lap |= _lap(folder / f"server-{number}-{index}", server, pods)
            taken.append(lap)
    click.echo(f"{laps} x {pods} pods in each setting, load {before} before and {load()} after")
    _print(taken)


def _lap(folder: Path, server: _Server, pods: int) -> _Lap:
    """What each setting took."""
    # Without ServiceAccount among those that are off, which a lone server otherwise has there.
    flags = {"disable-admission-plugins": "", "enable-admission-plugins": server.plugins}
    lone, lap = LoneServer(folder, server.version, flags), _Lap()
    try:
        lone.start(owner=os.getpid())
        process, asked = _process(lone), CelServer(lone)
        enforcers.furnish(asked)
        for setting in server.settings:
            with setting.put(asked):
                for kind in setting.pods:
                    taken = lap.setdefault(_Row(version=server.version, pods=kind, title=setting.title), _Taken())
                    send = partial(_send, asked, setting.user, _PODS[kind])
                    _measure(process, send, pods, taken)
    finally:
        lone.destroy()
    return lap


def _process(server: LoneServer) -> psutil.Process:
    """The API server's."""
    record = read_record(server.layout)
    assert record is not None, "it has been started"
    pids = (state.pid for state in Supervisor(server.layout, record).programs() if state.name == "kube-apiserver")
    return psutil.Process(next(pids))


def _measure(process: psutil.Process, send: Callable[[], None], pods: int, taken: _Taken) -> None:
    for _ in range(_WARM_UP):
        send()
    before = process.cpu_times()
    taken.times += [seconds(send) for _ in range(pods)]
    after = process.cpu_times()
    taken.work += after.user + after.system - before.user - before.system


def _send(server: CelServer, user: str, pod: Manifest) -> None:
    reply = enforcers.ask(server, user, pod)
    if reply.code != 201:
        raise click.ClickException(f"a pod of {user} is to be admitted, and the server says {reply.body!r}")


def _print(laps: Sequence[_Lap]) -> None:
    title = ""
    for row in sorted(laps[0], key=lambda row: (row.version, row.pods), reverse=True):
        heading = f"kube-apiserver {row.version}, {row.pods}"
        if heading != title:
            click.echo(f"{heading}\n{_HEADING}")
        title = heading
        nothing = _Row(version=row.version, pods=row.pods, title=_NOTHING)
        figures = [lap[row].figures() for lap in laps]
        besides = [lap[nothing].figures() for lap in laps]
        medians = " ".join(f"{statistics.median(each) * 1e3:6.2f} ms" for each in zip(*figures, strict=True))
        ratios = " ".join(map(_ratio, zip(*figures, strict=True), zip(*besides, strict=True)))
        click.echo(f"  {row.title:32s} {medians} {ratios}")


def _ratio(figures: Sequence[float], besides: Sequence[float]) -> str:
    ratios = sorted(figure / beside for figure, beside in zip(figures, besides, strict=True))
    return f"{f'{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})':>19s}"

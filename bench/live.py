"""`check` of a live cluster beside a bare paged LIST of the same objects: time, processor and memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from bench.crowd import Crowd
from bench.lived import Lived
from bench.machine import load, median, seconds
from pulumi_pod_security.policy.grants import Grant
from pulumi_pod_security.policy.presets import default
from pulumi_pod_security.policy.subjects import authenticated
from pulumi_pod_security.targets.psp import psp_manifests
from tools.controlplane import ControlPlane
from tools.scratch import scratch
from tools.toolchain import ensure

__all__ = ["check_against_list"]

_WORKLOADS = 1000
_GOAL = 1.5
_MEMORY = 200
_SIDES = ("list", "check")


def check_against_list(sizes: Sequence[int], laps: int) -> None:
    """Print both sides for clusters of so many pods."""
    ensure()
    with scratch(Path(tempfile.gettempdir())) as folder:
        cluster = ControlPlane(folder / "cluster")
        try:
            cluster.start(owner=os.getpid())
            crowd = Crowd(cluster, _WORKLOADS)
            policy = default()
            crowd.enact(*psp_manifests([policy], [Grant(policy=policy.name, subjects=[authenticated()])]))
            for pods in sizes:
                took = seconds(lambda pods=pods: crowd.grow(pods))  # type: ignore[misc]
                click.echo(f"{pods} pods of {_WORKLOADS} Deployments, made in {took:.0f} s; load {load()}")
                _print([{side: _in_a_process(side, cluster.kubeconfig()) for side in _SIDES} for _ in range(laps)])
        finally:
            cluster.destroy()


def _in_a_process(side: str, kubeconfig: Path) -> Lived:
    command = (sys.executable, "-m", Lived.__module__, side, str(kubeconfig))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return msgspec.json.decode(done.stdout, type=Lived)


def _print(laps: Sequence[dict[str, Lived]]) -> None:
    for side in _SIDES:
        taken = [lap[side] for lap in laps]
        work, peak = statistics.median(one.processor for one in taken), max(one.peak for one in taken)
        times = median(one.seconds for one in taken)
        click.echo(f"  {side:6s} {times}, {work:.2f} s of it own work, peak {peak:.0f} MB: {taken[-1].summary}")
    ratios = sorted(lap["check"].seconds / lap["list"].seconds for lap in laps)
    middle = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
    click.echo(f"  ratio  {middle}, goal {_GOAL}; peak of check, goal {_MEMORY} MB; load {load()}")

"""Programs in kubeadm's place that do one thing before they become the real kubeadm."""

import shlex
from pathlib import Path

from tools.controlplane import ControlPlane
from tools.toolchain import binary

__all__ = ["blocked", "meddling"]


def blocked(folder: Path, cluster: ControlPlane) -> tuple[Path, Path]:
    """A kubeadm that makes a file and then hangs for good; the program and the file."""
    reached, never = folder / "reached", folder / "never"
    first = f": > {_quoted(reached)}\nmkfifo {_quoted(never)}\nread _ < {_quoted(never)}"
    return _program(folder, cluster, first), reached


def meddling(folder: Path, cluster: ControlPlane, *kubectl: str) -> Path:
    """A kubeadm that first lets kubectl change the cluster behind everybody's back."""
    program = binary("kubectl", version=cluster.record.version)
    command = shlex.join([str(program), f"--kubeconfig={cluster.kubeconfig()}", *kubectl])
    return _program(folder, cluster, f"{command} > /dev/null")


def _program(folder: Path, cluster: ControlPlane, first: str) -> Path:
    real = binary("kubeadm", version=cluster.record.version)
    program = folder / "kubeadm"
    program.write_text(f'#!/bin/sh\nset -e\n{first}\nexec {_quoted(real)} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))

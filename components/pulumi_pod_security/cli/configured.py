"""What the commands about kubeadm share: a configuration and its nodes read, and other ones written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pulumi_pod_security.cli.live import Live
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.errors import Fault, InvalidInput
from pulumi_pod_security.platforms.apiservers import Agreement, agreement
from pulumi_pod_security.platforms.configurations import NODE, Configuration, ConfigurationFile, LiveConfiguration
from pulumi_pod_security.platforms.files import read, replace

__all__ = ["FileArgument", "FolderOption", "LiveOption", "nodes", "source", "write"]

FileArgument = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="The file that kubeadm was, or will be, given.")
]
LiveOption = Annotated[
    bool, typer.Option("--cluster", help="Read a live cluster: its nodes and, without FILE, its kubeadm-config.")
]
FolderOption = Annotated[Path, typer.Option("--folder", metavar="FOLDER", help="Where the files go.")]


def source(file: Path | None, live: Live | None) -> Configuration:
    """The file, or else the cluster's ConfigMap.

    Raises:
        typer.BadParameter: there is neither.
    """
    if file is not None:
        return ConfigurationFile(file)
    if live is None:
        raise typer.BadParameter("give the file of a kubeadm configuration, or --cluster", param_hint="FILE")
    return LiveConfiguration(live.connection)


def write(texts: Mapping[Path, str], given: Path | None) -> None:
    """Write files; new ones are readable by their owner only, because a kubeadm configuration may hold tokens.

    Raises:
        InvalidInput: the file that was given would be replaced by another text, or a folder cannot be made.
        SwitchError: a file cannot be written.
    """
    for path, text in texts.items():
        if given is not None and path.exists() and path.samefile(given) and read(path) != text:
            raise _refusal(path.parent, "another folder than that of FILE, which would be replaced")
    for path, text in texts.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _refusal(path.parent, f"a folder that can be written ({error.strerror})") from None
        replace(path, text)


def nodes(live: Live | None) -> tuple[str, ...]:
    """The control-plane nodes, or what stands for them; raises ClusterError."""
    found = agreement(Cluster(live.api)) if live else Agreement()
    return tuple(sorted((*found.running, *found.without))) or (NODE,)


def _refusal(folder: Path, allowed: str) -> InvalidInput:
    return InvalidInput("options", [Fault(path="--folder", value=str(folder), allowed=allowed)])

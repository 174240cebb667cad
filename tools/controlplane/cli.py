"""The control plane from a shell.

Exit codes: 0 done, 1 it failed (the reason is on stderr), 2 wrong usage, 3 `status` found it not ready.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from tools.controlplane.building import Progress
from tools.controlplane.cluster import ControlPlane, Status
from tools.controlplane.errors import ControlPlaneError
from tools.controlplane.identities import Identity, ServiceAccount, User
from tools.controlplane.settings import Settings
from tools.toolchain import ToolchainError

__all__ = ["app"]

NOT_READY = 3
DEFAULT = Settings()
app = typer.Typer(no_args_is_help=True, add_completion=False, context_settings={"help_option_names": ["-h", "--help"]})
console, errors = Console(), Console(stderr=True)

Folder = Annotated[Path, typer.Option("--dir", "-d", help="The cluster's data folder.", show_default=False)]
Flags = Annotated[
    list[str] | None,
    typer.Option(
        "--flag",
        "-f",
        metavar="NAME=VALUE",
        help="An API server flag, without dashes; NAME- takes one out. Repeatable.",
    ),
]


@app.callback()
def about() -> None:
    """A real Kubernetes control plane on this machine: no root, no containers, no network.

    etcd, API server, controller manager and scheduler run from the static Pods that the real kubeadm rendered from
    DIR/kubeadm.yaml; change a manifest in DIR/manifests and the node restarts that component, as a kubelet would. kwok
    makes nodes Ready and pods Running.
    """


@app.command()
def start(
    folder: Folder,
    version: Annotated[str, typer.Option(help="Kubernetes version.")] = DEFAULT.version,
    workers: Annotated[int, typer.Option(min=0, help="Nodes beside the control-plane node.")] = DEFAULT.workers,
    flag: Flags = None,
    addons: Annotated[bool, typer.Option("--addons", help="Install CoreDNS and kube-proxy, as kubeadm does.")] = False,
) -> None:
    """Make the cluster if there is none, start what does not run, and wait until pods can be created and run.

    Version, workers and flags matter to the first start only. The cluster keeps running until `stop` or `destroy`.
    """
    flags = {name: value for name, value in _flags(flag).items() if value is not None}
    cluster = ControlPlane(folder, Settings(version=version, workers=workers, api_server_flags=flags))
    with _told() as progress:
        cluster.start(progress=progress)
        if addons:
            progress("kubeadm: CoreDNS and kube-proxy")
            cluster.install_addons()
    console.print(f"{cluster.url} is ready\nexport KUBECONFIG={cluster.kubeconfig()}", soft_wrap=True, highlight=False)


@app.command()
def stop(folder: Folder) -> None:
    """Stop every process; the data stays for the next `start`."""
    with _told() as progress:
        progress("stopping")
        ControlPlane(folder).stop()


@app.command()
def destroy(folder: Folder) -> None:
    """Stop every process at once and remove the folder."""
    with _told() as progress:
        progress("removing")
        ControlPlane(folder).destroy()


@app.command()
def status(
    folder: Folder,
    json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Say how the cluster is: absent, half-made, stopped or running; and whether it is ready."""
    with _told():
        found = ControlPlane(folder).status()
    if json:
        typer.echo(msgspec.json.encode(found))
    else:
        _show(found)
    raise typer.Exit(0 if found.ready else NOT_READY)


@app.command()
def logs(
    component: Annotated[str, typer.Argument(help="kube-apiserver, etcd, kwok, node, ... as `status` lists them.")],
    folder: Folder,
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="How many of the last lines.")] = 50,
) -> None:
    """Print the end of a component's log."""
    with _told():
        text = ControlPlane(folder).logs(component)
    typer.echo("\n".join(text.splitlines()[-lines:]))


@app.command()
def restart(folder: Folder, flag: Flags = None) -> None:
    """Restart the API server; with --flag, change apiServer.extraArgs first and let kubeadm render the manifest."""
    with _told() as progress:
        progress("restarting the API server")
        ControlPlane(folder).restart_api_server(_flags(flag))


@app.command()
def kubeconfig(
    folder: Folder,
    user: Annotated[str | None, typer.Option(help="A user, by client certificate.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="A group of that user. Repeatable.")] = None,
    service_account: Annotated[
        str | None, typer.Option(metavar="NAMESPACE/NAME", help="A service account, by token.")
    ] = None,
) -> None:
    """Print the path of a kubeconfig: the admin's, or that of the named identity."""
    with _told():
        path = ControlPlane(folder).kubeconfig(_identity(user, tuple(group or ()), service_account))
    typer.echo(path)


def _flags(pairs: list[str] | None) -> dict[str, str | None]:
    flags: dict[str, str | None] = {}
    for pair in pairs or []:
        name, separator, value = pair.partition("=")
        if not separator and not name.endswith("-"):
            raise typer.BadParameter(
                f"{pair!r}: write NAME=VALUE to set a flag, NAME- to take it out", param_hint="--flag"
            )
        flags[name if separator else name.removesuffix("-")] = value if separator else None
    return flags


def _identity(user: str | None, groups: tuple[str, ...], service_account: str | None) -> Identity | None:
    if service_account:
        namespace, separator, name = service_account.partition("/")
        if not separator or user or groups:
            raise typer.BadParameter(
                f"{service_account!r}: write NAMESPACE/NAME, and no user or group beside it",
                param_hint="--service-account",
            )
        return ServiceAccount(namespace=namespace, name=name)
    if groups and not user:
        raise typer.BadParameter("a group needs a --user to be in it", param_hint="--group")
    return User(name=user, groups=groups) if user else None


def _show(found: Status) -> None:
    ready = "ready" if found.ready else "not ready"
    console.print(
        f"{found.folder}: {found.state}, {ready}" + (f", {found.version} at {found.url}" if found.url else ""),
        highlight=False,
        soft_wrap=True,
    )
    if found.components:
        table = Table("component", "state", "pid", "started", box=None)
        for component in found.components:
            started = time.strftime("%X", time.localtime(component.since)) if component.since else ""
            table.add_row(component.name, component.state, str(component.pid or ""), started)
        console.print(table)


@contextlib.contextmanager
def _told() -> Iterator[Progress]:
    """Show what goes on, with the time since the beginning; end with a line instead of a traceback."""
    begin = time.monotonic()
    try:
        with errors.status("") as spinner:

            def progress(step: str) -> None:
                spinner.update(step)
                errors.print(f"{time.monotonic() - begin:5.1f} s  {step}", highlight=False)

            yield progress
    except (ControlPlaneError, ToolchainError) as error:
        errors.print(str(error), style="red", highlight=False, markup=False, soft_wrap=True)
        raise typer.Exit(1) from None

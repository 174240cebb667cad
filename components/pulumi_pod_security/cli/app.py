"""The commands under one name."""

from __future__ import annotations

import typer

from pulumi_pod_security.cli import access, check, kubeadm, kubeadm_standards, migrate, recycle, render, rescue

__all__ = ["app"]

# Typer's own help takes what people type, and names, for rich's markup.
app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    help="What PodSecurityPolicy (Kubernetes 1.24) does to workloads, and who may use which policy.",
)
app.command("check", epilog=check.EXIT_CODES)(check.check)
app.command("who-can", epilog=access.EXIT_CODES)(access.who_can)
app.command("can", epilog=access.EXIT_CODES)(access.can)
app.command("migrate", epilog=migrate.EXIT_CODES)(migrate.migrate)
app.command("recycle", epilog=recycle.EXIT_CODES)(recycle.recycle_pods)
app.command("render", epilog=render.EXIT_CODES)(render.render)
app.command("rescue", epilog=rescue.EXIT_CODES)(rescue.rescue)
app.command("kubeadm-config", epilog=kubeadm.EXIT_CODES)(kubeadm.kubeadm_config)
app.command("kubeadm-standards", epilog=kubeadm_standards.EXIT_CODES)(kubeadm_standards.kubeadm_standards)

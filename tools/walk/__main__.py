"""`scripts/up` and `scripts/up --down`."""

import sys

import click
from rich.markup import escape

from tools.walk.directions import DOWN, UP
from tools.walk.steps import StepFailed
from tools.walk.waiting import CONSOLE

__all__ = ["main"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--down", is_flag=True, help="Destroy the stack, show that everything still runs, remove the cluster.")
def main(*, down: bool) -> None:
    """Walk through the whole story on a real Kubernetes 1.24 control plane on this machine.

    \b
    Up:    starts a kubeadm control plane with CoreDNS, kube-proxy and an application, runs `pulumi up` on the stack
           `local` (policies, grants, preflight, plugin on, verified), then shows who may use what, a Deployment
           admitted, one refused, and kube-system recycled.
    Down:  runs `pulumi destroy`, shows the plugin off, the objects gone and everything running.

    Cluster and state live in .local/ of the checkout. Both directions can be interrupted and run again.
    Exit codes: 0 done, 1 a step failed (it says which), 2 wrong usage, 130 interrupted.
    """
    direction = DOWN if down else UP
    try:
        direction.walk()
    except StepFailed as failure:
        CONSOLE.print(f"[red]failed:[/red] {escape(str(failure))}\n  {direction.failed}", soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        CONSOLE.print(direction.interrupted, soft_wrap=True)
        sys.exit(130)


if __name__ == "__main__":
    main(prog_name="scripts/up")

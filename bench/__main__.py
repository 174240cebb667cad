"""`python -m bench`: what to measure."""

import click

from bench.admission import admission_latency
from bench.checking import check_large_files
from bench.labels import labels_of_namespaces
from bench.live import check_against_list
from bench.machine import machine
from bench.resources import resources_per_policy
from bench.scripts import fresh_scripts, warm_scripts
from bench.stack import stack_against_kubectl
from bench.verdicts import verdicts_against_server


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Print figures; where something is compared, both sides run in turn in one run and the ratio is printed."""
    click.echo(machine())


@main.command()
@click.option("--runs", default=3, show_default=True, help="How often each side runs.")
def stack(runs: int) -> None:
    """`pulumi up` and `destroy` of the local stack against `kubectl apply` and `delete` of the same manifests."""
    stack_against_kubectl(runs)


@main.command()
def resources() -> None:
    """How the number of Pulumi resources grows with policies, grants and namespaces."""
    resources_per_policy()


@main.command()
def scripts() -> None:
    """The README's commands, the control plane and the cache, each against its goal."""
    warm_scripts()


@main.command("fresh-scripts")
def fresh() -> None:
    """The same in a fresh clone, with an empty cache first: builds the toolchain (half an hour)."""
    fresh_scripts()


@main.command()
@click.option("--laps", default=5, show_default=True, help="How often the sides take turns.")
@click.option("--pods", default=300, show_default=True, help="How many pods each side judges in a turn.")
def verdicts(laps: int, pods: int) -> None:
    """Verdicts a second, of our own and by dry runs on a real server, under one policy and under many."""
    verdicts_against_server(laps, pods)


@main.command()
def check() -> None:
    """`check` of large files of pods: time, and memory beside its goal."""
    check_large_files()


@main.command()
@click.option("--pods", default=(10_000, 100_000), show_default=True, multiple=True, help="How many there are.")
@click.option("--laps", default=5, show_default=True, help="How often the sides take turns.")
def live(pods: tuple[int, ...], laps: int) -> None:
    """`check` of a real control plane against a bare paged LIST of the same objects: time and memory."""
    check_against_list(sorted(pods), laps)


@main.command()
@click.option("--laps", default=3, show_default=True, help="How often each server begins anew.")
@click.option("--pods", default=500, show_default=True, help="How many pods are timed in each setting.")
def admission(laps: int, pods: int) -> None:
    """What an API server takes for a pod: with nothing, with labels, and with policies as CEL and as the plugin's."""
    admission_latency(laps, pods)


@main.command()
@click.option("--namespaces", default=1000, show_default=True, help="How many there are.")
@click.option("--laps", default=3, show_default=True, help="How often the sides take turns.")
def labels(namespaces: int, laps: int) -> None:
    """Labels for many namespaces: by one resource, by a resource for each, and by kubectl."""
    labels_of_namespaces(namespaces, laps)


main()

"""How many resources a baseline registers, counted under mocks."""

from typing import Any

import click
import pulumi

import pulumi_pod_security as ps

__all__ = ["resources_per_policy"]


class _Counting(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.types: list[str] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, object]]:
        self.types.append(args.typ)
        return args.name, dict(args.inputs)

    def call(self, _args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        return {}, None


def resources_per_policy() -> None:
    """Print the number of resources for some sizes of baseline."""
    click.echo("policies  grants  namespaces  resources")
    for policies, namespaces in ((1, 1), (2, 1), (10, 1), (1, 50), (10, 50)):
        count = _count(policies, namespaces)
        click.echo(f"{policies:8d}  {policies * namespaces:6d}  {namespaces:10d}  {count:9d}")
    grant = _count(1, 2) - _count(1, 1)
    policy = _count(2, 1) - _count(1, 1) - grant
    click.echo(f"each policy adds {policy}, each grant {grant}; without any there are {_count(0, 0)}")


def _count(policies: int, namespaces: int) -> int:
    counting = _Counting()
    pulumi.runtime.set_mocks(counting)
    named = [_policy(f"policy-{index}") for index in range(policies)]
    grants = [
        ps.Grant(policy=policy.name, namespace=f"namespace-{index}", subjects=[ps.service_accounts()])
        for policy in named
        for index in range(namespaces)
    ]
    pulumi.runtime.test(lambda: _build(named, grants))()
    return len(counting.types)


def _policy(name: str) -> ps.PodSecurityPolicy:
    return ps.PodSecurityPolicy(name=name, spec=ps.presets.example().spec)


def _build(policies: list[ps.PodSecurityPolicy], grants: list[ps.Grant]) -> pulumi.Output[bool]:
    baseline = ps.PodSecurityBaseline("baseline", ps.PodSecurityBaselineArgs(policies=policies, grants=grants))
    args = ps.KubeadmEnablementArgs(baseline=baseline, config="kubeadm.yaml", node=ps.KubeadmNode())
    return ps.KubeadmEnablement("enforce", args).enforced

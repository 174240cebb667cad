"""The part every stack has: a provider for the cluster and the baseline on it."""

import pulumi
from pulumi_kubernetes import Provider

import pulumi_pod_security as ps
from pulumi_pod_security.resources.baseline import kept_secret
from stacks.config import StackConfig

__all__ = ["baseline_stack"]


def baseline_stack(config: StackConfig) -> ps.PodSecurityBaseline:
    """Put the configured policies and grants on the cluster."""
    provider = Provider("cluster", kubeconfig=kept_secret(config.kubeconfig), context=config.context)
    args = ps.PodSecurityBaselineArgs(
        policies=config.policies,
        grants=config.grants,
        admins=config.admins,
        kubeconfig=config.kubeconfig,
        context=config.context,
    )
    baseline = ps.PodSecurityBaseline("baseline", args, pulumi.ResourceOptions(providers=[provider]))
    pulumi.export("version", baseline.version)
    pulumi.export("policies", [policy.name for policy in config.policies])
    return baseline

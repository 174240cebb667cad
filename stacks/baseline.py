"""The part every stack has: a provider for the cluster and the baseline on it."""

import pulumi
from pulumi_kubernetes import Provider

import pulumi_pod_security as ps
from pulumi_pod_security.errors import Fault, InvalidInput
from pulumi_pod_security.platforms.eks_kubeconfig import eks_kubeconfig
from pulumi_pod_security.policy.enforcement import PSP, Choice
from pulumi_pod_security.resources.arguments import kept_secret
from stacks.config import StackConfig
from stacks.platforms import EksPlatform

__all__ = ["baseline_stack", "choice_of"]

_PLUGIN = Choice(enforcement=PSP, mutates=True, why="asked for")


def baseline_stack(config: StackConfig, choice: Choice = _PLUGIN) -> ps.PodSecurityBaseline:
    """Put the configured policies and grants on the cluster, as far as what enforces them there reads them."""
    kubeconfig = _kubeconfig(config)
    provider = Provider("cluster", kubeconfig=kept_secret(kubeconfig), context=config.context)
    args = ps.PodSecurityBaselineArgs(
        policies=config.policies,
        grants=config.grants,
        admins=config.admins,
        kubeconfig=kubeconfig,
        context=config.context,
        enforcement=choice.enforcement,
    )
    baseline = ps.PodSecurityBaseline("baseline", args, pulumi.ResourceOptions(providers=[provider]))
    pulumi.export("version", baseline.version)
    pulumi.export("policies", [policy.name for policy in config.policies])
    pulumi.export("enforcement", choice.enforcement)
    return baseline


def choice_of(config: StackConfig) -> Choice:
    """What the server can do, asked unless it is PodSecurityPolicy that is asked for: the baseline looks for that.

    Raises:
        InvalidInput: the server cannot do it, or there is a platform, which only turns the plugin on.
        ClusterError: no server answers.
    """
    if config.enforcement == PSP:
        return _PLUGIN
    choice = ps.enforcement_of(_kubeconfig(config), config.enforcement, context=config.context)
    reached = isinstance(config.platform, EksPlatform) and config.platform.cluster is not None
    if choice.enforcement != PSP and config.platform is not None and not reached:
        raise InvalidInput("stack", [_platform_fault(choice)])
    return choice


def _platform_fault(choice: Choice) -> Fault:
    """A platform turns the plugin on; to take that back it needs a server that has it."""
    allowed = (
        f"nothing, where {choice.enforcement} holds pods to the policies. Before a server goes to 1.25 the plugin is "
        "turned off, while labels hold (pod-security:standards): pulumi config rm pod-security:platform && pulumi up"
    )
    return Fault(path="platform", value="given", allowed=allowed)


def _kubeconfig(config: StackConfig) -> str | None:
    """The one that is configured, else the one of the EKS cluster that is named."""
    platform = config.platform
    if config.kubeconfig is None and isinstance(platform, EksPlatform) and platform.cluster is not None:
        return eks_kubeconfig(platform.cluster, region=platform.region)
    return config.kubeconfig

"""Clusters that the same program makes: created with the plugin off, and left alone when the enablement turns it on.

The cluster's own field and the enablement would undo each other in every update. The fields are told by the type token
of the resource, so no provider's package is needed here.
"""

import re
import weakref
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pulumi

from pulumi_pod_security.policy.plugin import PLUGIN

__all__ = ["plugin_left_to_enablement", "unguarded"]


@dataclass(frozen=True, kw_only=True)
class _Field:
    """The field of one provider's cluster.

    Attributes:
        token: what the type token of the resource looks like.
        input: the field as programs in Python write it.
        ignored: the same as Pulumi's engine writes it.
        turns_on: whether a value of it turns the plugin on, or may.
        mend: what to do about such a value.
    """

    token: str
    input: str
    ignored: str
    turns_on: Callable[[Any], bool]
    mend: str


def _is_enabled(config: Any) -> bool:
    enabled = config.get("enabled") if isinstance(config, dict) else getattr(config, "enabled", config)
    return enabled is not None and enabled is not False


def _is_set(value: Any) -> bool:
    return value is not None and value is not False


def _lists_plugin(plugins: Any) -> bool:
    """What is no plain text is not known yet, and may be our name."""
    if isinstance(plugins, (list, tuple)):
        return any(not isinstance(each, str) or each == PLUGIN for each in plugins)
    return plugins is not None


_FIELDS = (
    _Field(
        token=r"gcp:container/cluster:Cluster",
        input="pod_security_policy_config",
        ignored="podSecurityPolicyConfig",
        turns_on=_is_enabled,
        mend="take pod_security_policy_config out of the program",
    ),
    _Field(
        token=r"azure-native(_\w+)?:containerservice(/\w+)?:ManagedCluster",
        input="enable_pod_security_policy",
        ignored="enablePodSecurityPolicy",
        turns_on=_is_set,
        mend="take enable_pod_security_policy out of the program",
    ),
    _Field(
        token=r"scaleway:(kubernetes/cluster:Cluster|index/kubernetesCluster:KubernetesCluster)",
        input="admission_plugins",
        ignored="admissionPlugins",
        turns_on=_lists_plugin,
        mend=f"take {PLUGIN!r} out of the program, and write the list as plain values",
    ),
)

_left: weakref.WeakSet[pulumi.Resource] = weakref.WeakSet()


def plugin_left_to_enablement(opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
    """Options for a cluster of the same program, or a component around it: its field for the plugin is left alone.

    For `gcp.container.Cluster`, `azure_native.containerservice.ManagedCluster` and `scaleway.kubernetes.Cluster`. A
    list of admission plugins is left alone as a whole: what the program changes in it later is not sent.

    Args:
        opts: the cluster's other options.
    """
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(transformations=[_leave]))


def unguarded(inputs: Iterable[pulumi.Input[Any]]) -> Awaitable[str | None]:
    """Says which cluster of this program, among those that the inputs come from, has not been left alone."""
    given = list(inputs)

    async def say() -> str | None:
        made = [await each.resources() for each in given if isinstance(each, pulumi.Output)]
        found = {resource for resources in made for resource in resources if _field(_token(resource))}
        names = sorted(f"{resource._name} ({_token(resource)})" for resource in found if resource not in _left)
        if not names:
            return None
        return (
            f"{', '.join(names)} is a resource of this program, whose updates would undo what the enablement does; "
            "give it opts=ps.plugin_left_to_enablement(...), with its other options in the brackets"
        )

    return say()


def _leave(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    field = _field(args.type_)
    if field is None:
        return None
    value = dict(args.props).get(field.input)
    if field.turns_on(value):
        raise pulumi.RunError(
            f"{args.name} ({args.type_}): {field.input} turns PodSecurityPolicy on before any policy exists, or may, "
            f"and nodes would never get ready; {field.mend}: the enablement turns it on once the policies are there"
        )
    _left.add(args.resource)
    ignored = pulumi.ResourceOptions(ignore_changes=[field.ignored])
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, ignored))


def _field(token: str) -> _Field | None:
    return next((field for field in _FIELDS if re.fullmatch(field.token, token)), None)


def _token(resource: pulumi.Resource) -> str:
    """The type of a resource; one that stands for something made elsewhere has none."""
    return str(getattr(resource, "pulumi_resource_type", ""))

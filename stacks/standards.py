"""The Pod Security Standards of a stack: labels of namespaces, whatever else holds pods to the policies."""

from collections.abc import Sequence

import msgspec
import pulumi

import pulumi_pod_security as ps
from stacks.platforms import Text

__all__ = ["StandardsConfig", "standards_stack"]


class StandardsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which levels hold in which namespaces.

    Attributes:
        enforce, audit, warn: a level, or a level and a version, such as `restricted:v1.30`.
    """

    namespaces: list[Text]
    enforce: Text | None = None
    audit: Text | None = None
    warn: Text | None = None


def standards_stack(
    config: StandardsConfig, baseline: ps.PodSecurityBaseline, earlier: Sequence[pulumi.Resource]
) -> ps.NamespaceStandards:
    """Label the namespaces, on the cluster of the baseline."""
    args = ps.NamespaceStandardsArgs(
        namespaces=config.namespaces,
        enforce=config.enforce,
        audit=config.audit,
        warn=config.warn,
        kubeconfig=baseline.args.kubeconfig,
        context=baseline.args.context,
    )
    return ps.NamespaceStandards("standards", args, pulumi.ResourceOptions(depends_on=list(earlier)))

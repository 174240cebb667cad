"""`Preflight`: the proof, on every preview and update, that enforcement would strand nothing that runs.

What is proven is in `cluster.preflight`, against the plan of `resources.plan`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.preflight import preflight
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.dynamic import BASELINE, Provider, connection_of, differ, is_known
from pulumi_pod_security.resources.plan import plan_of
from pulumi_pod_security.targets.psp import API_GROUPS

__all__ = ["Preflight", "PreflightArgs"]


@dataclass(frozen=True, kw_only=True)
class PreflightArgs:
    """What preflight holds the cluster against.

    Attributes:
        baseline: the baseline whose policies and grants must be in force.
        leaving: what else is there now and goes once they are, as `Kind/name`: the provider's defaults. What only these
            let in counts as refused.
        mutates: whether what policies write into pods is written; if not, a pod that needs it counts as refused.
        exemptions: pods that nobody judges, by the names of `targets.cel`.
        api_groups: where the right to use a policy counts.
    """

    baseline: PodSecurityBaseline
    leaving: Sequence[str] = ()
    mutates: bool = True
    exemptions: Sequence[str] = ()
    api_groups: Sequence[str] = API_GROUPS


_OF_ADMISSION = ("mutates", "exemptions", "api_groups")


def _cluster(props: Mapping[str, Any]) -> Cluster:
    return Cluster(connection_of(props).open(), props.get("api_groups") or API_GROUPS)


class PreflightProvider(Provider):
    """Runs preflight in `check`, which Pulumi calls whether or not anything changed."""

    def refusal(self, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what `cluster.preflight.preflight` refuses."""
        if is_known(news.get("kubeconfig")):
            preflight(_cluster(news), plan_of(olds, news))

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """A change of what the baseline declares is checked once more after it was made; no old kubeconfig is kept."""
        return differ(olds, news, (*BASELINE, *_OF_ADMISSION))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing is left to prove: `check` saw the policies and grants that now exist."""
        return CreateResult("preflight", props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Prove it again for what was changed, now that nothing is pending any more."""
        preflight(_cluster(_news), plan_of(_news, _news))
        return UpdateResult(_news)


class Preflight(Resource, module="pod-security", name="Preflight"):
    """A gate: what depends on it happens only if nothing that runs would be stranded."""

    def __init__(self, name: str, args: PreflightArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        baseline = args.baseline
        props = {**baseline.as_inputs, "ids": baseline.ids, "leaving": list(args.leaving)}
        if not args.mutates:
            props["mutates"] = False
        if args.exemptions:
            props["exemptions"] = list(args.exemptions)
        if tuple(args.api_groups) != API_GROUPS:
            props["api_groups"] = list(args.api_groups)
        after = pulumi.ResourceOptions(depends_on=baseline.ready)
        super().__init__(PreflightProvider(), name, props, pulumi.ResourceOptions.merge(opts, after))

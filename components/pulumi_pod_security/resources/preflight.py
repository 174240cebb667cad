"""`Preflight`: the proof, on every preview and update, that enforcement would strand nothing that runs.

What is proven is in `cluster.preflight`. A policy or binding whose resource has no id yet, or that was declared
otherwise at the last update, is about to be created or changed by this very one, so its absence is no fault; after
that, absence means that someone removed it behind Pulumi's back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, UpdateResult

from pulumi_pod_security.cluster.plan import Plan, binding_reference, policy_reference
from pulumi_pod_security.cluster.preflight import READ_RIGHTS, preflight, require_rights
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import plugin_is_on
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.dynamic import Provider, connection_of, grants_of, is_known, policies_of

__all__ = ["Preflight", "PreflightArgs", "StandingPreflight"]


@dataclass(frozen=True, kw_only=True)
class PreflightArgs:
    """What preflight holds the cluster against.

    Attributes:
        baseline: the baseline whose policies and grants must be in force.
    """

    baseline: PodSecurityBaseline


class PreflightProvider(Provider):
    """Runs preflight in `check`, which Pulumi calls whether or not anything changed."""

    def refusal(self, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what `cluster.preflight.preflight` refuses."""
        if is_known(news.get("kubeconfig")):
            preflight(Cluster(connection_of(news).open()), plan_of(olds, news))

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """A change of what the baseline declares is checked once more after it was made; no old kubeconfig is kept."""
        renewed = ("kubeconfig", "context", "policies", "grants")
        return DiffResult(changes=any(_olds.get(key) != _news.get(key) for key in renewed))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Nothing is left to prove: `check` saw the policies and grants that now exist."""
        return CreateResult("preflight", props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Prove it again for what was changed, now that nothing is pending any more."""
        preflight(Cluster(connection_of(_news).open()), plan_of(_news, _news))
        return UpdateResult(_news)


def plan_of(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Plan:
    """The plan in a Preflight's inputs; `olds` are the inputs of the last update that went through."""
    policies, grants = policies_of(news), grants_of(news)
    before, granted = policies_of(olds) or policies, grants_of(olds)
    created = frozenset(reference for reference, id_ in news["ids"].items() if not is_known(id_))
    present = frozenset(reference for reference, id_ in (olds.get("ids") or {}).items() if is_known(id_))
    changed = (policy_reference(policy.name) for policy in policies if policy not in before)
    regranted = (binding_reference(grant) for grant in grants if grant not in (granted or grants))
    return Plan(
        policies={policy.name: policy for policy in policies},
        grants=grants,
        pending=created.union(changed, regranted),
        created=created,
        replaced=created & present,
        withdrawn=tuple(grant for grant in granted if grant not in grants),
        removed=frozenset({policy.name for policy in before} - {policy.name for policy in policies}),
    )


class StandingPreflightProvider(PreflightProvider):
    """As `PreflightProvider`, where the plugin is on already; where it is off, nothing depends on policies yet."""

    def refusal(self, olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what preflight refuses, under a plugin that judges pods now."""
        if is_known(news.get("kubeconfig")) and _judged(news):
            super().refusal(olds, news)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Prove what was changed, under a plugin that judges pods now."""
        return super().update(_id, _olds, _news) if _judged(_news) else UpdateResult(_news)


def _judged(props: Mapping[str, Any]) -> bool:
    cluster = Cluster(connection_of(props).open())
    require_rights(cluster, READ_RIGHTS)
    return plugin_is_on(cluster)


class Preflight(Resource, module="pod-security", name="Preflight"):
    """A gate: what depends on it happens only if nothing that runs would be stranded."""

    _judge: ClassVar[type[PreflightProvider]] = PreflightProvider

    def __init__(self, name: str, args: PreflightArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        baseline = args.baseline
        props = {**baseline.as_inputs, "ids": baseline.ids}
        after = pulumi.ResourceOptions(depends_on=baseline.ready)
        super().__init__(self._judge(), name, props, pulumi.ResourceOptions.merge(opts, after))


class StandingPreflight(Preflight, module="pod-security", name="StandingPreflight"):
    """The gate of a baseline that this program does not enforce: asked only where the plugin is on already.

    Nothing depends on it, but an update that it refuses stops before any policy or grant is deleted.
    """

    _judge: ClassVar[type[PreflightProvider]] = StandingPreflightProvider

"""`Guard`: the last resource of a baseline, and the first to go. Under a plugin that is on it lets nothing be stranded.

A baseline may stand under a plugin that others turned on, so it proves by itself what `Preflight` proves before a
switch: at every preview and update that nothing running loses its last policy, and before anything of the baseline is
deleted that nothing needs it. Where the plugin is off, or the server has none, no pod depends on policies as objects
and nothing is asked.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.preflight import (
    JUDGING_RIGHTS,
    READ_RIGHTS,
    preflight,
    require_independent,
    require_rights,
)
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import plugin_is_on
from pulumi_pod_security.policy.enforcement import PSP
from pulumi_pod_security.resources.dynamic import (
    BASELINE,
    Provider,
    cluster_of,
    connection_of,
    differ,
    enforced_by,
    grants_of,
    is_known,
    policies_of,
)
from pulumi_pod_security.resources.plan import plan_of

__all__ = ["Guard"]


class GuardProvider(Provider):
    """Asks first whether the plugin judges pods at all."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse what preflight refuses, under a plugin that is on."""
        if is_known(news.get("kubeconfig")):
            cluster = Cluster(connection_of(news).open())
            require_rights(cluster, READ_RIGHTS if enforced_by(news) == PSP else JUDGING_RIGHTS)
            if plugin_is_on(cluster):
                preflight(cluster, plan_of(_olds, news))

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """`delete` gets no other baseline and kubeconfig than those recorded; ids are for `check` alone."""
        return differ(olds, news, BASELINE)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Record what stands."""
        return CreateResult("guard", props)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Prove it again for what was changed, now that nothing is pending any more, and record it."""
        self.refusal(_news, _news)
        return UpdateResult(_news)

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Refuse to let the baseline go while something may use no other policy; raises PreflightRefused.

        Also when it is not the end: a baseline of another name is created first, over the same objects, and deleting
        the old one would take them from both.
        """
        cluster = cluster_of(_props)
        if plugin_is_on(cluster):
            ours = policies_of(_props) if enforced_by(_props) == PSP else ()
            require_independent(cluster, [policy.name for policy in ours], grants_of(_props))


class Guard(Resource, module="pod-security", name="Guard"):
    """What stands between a baseline in use and its end."""

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        super().__init__(GuardProvider(), name, dict(props), opts)

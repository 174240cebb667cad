"""What the switches of all platforms share: turned on, proven, and undone by itself, all inside one create.

A platform's own provider says which switch its inputs mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.verification import Verification, plugin_is_on, refused_workloads
from pulumi_pod_security.platforms.switch import AdmissionSwitch, enforce, relax
from pulumi_pod_security.resources.dynamic import (
    BASELINE,
    Provider,
    cluster_of,
    connection_of,
    differ,
    grants_of,
    policies_of,
)

__all__ = ["EnforcingProvider", "EnforcingResource"]


class EnforcingProvider(Provider):
    """Turns enforcement on, proves it and goes back by itself.

    Attributes:
        renewed: the inputs that count when they change, because `delete` gets no others than those recorded.
    """

    renewed: ClassVar[tuple[str, ...]] = BASELINE

    def switch(self, props: Mapping[str, Any]) -> AdmissionSwitch:
        """The platform's switch that the inputs mean."""
        raise NotImplementedError

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """A changed baseline is verified anew, a switch that someone turned off is turned on again."""
        open_ = not olds.get("enforced") or bool(olds.get("leaving"))
        return differ(olds, news, self.renewed) or open_ or not self.switch(news).is_set

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Turn on, verify, undo on any surprise; a switch found on from a killed run is only verified."""
        return CreateResult("enforcement", self._enforced(props, self.refused_at_first(props), ()))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """As `create`, every step of which may be repeated; what was refused before the change stays refused.

        What the baseline stops granting is deleted only at the end of the update, so the next one verifies once more.
        """
        return UpdateResult(self._enforced(_news, _refused_before(_olds, _news), _leaving(_olds, _news)))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Put back what was there before us, and wait until the API server has followed.

        Where a person must make it follow, this fails until then, for grants and policies must stay.
        """
        self.put_back(_props)

    def put_back(self, props: Mapping[str, Any]) -> None:
        """Put back what was found; raises SwitchError."""
        cluster = cluster_of(props)
        relax(self.switch(props), cluster, props["timeout_seconds"])

    def refused_at_first(self, props: Mapping[str, Any]) -> Iterable[str]:
        """What the plugin refused before the first switch, when it was on already."""
        return props["refused"] if self.switch(props).was_on else ()

    def _enforced(self, props: Mapping[str, Any], refused: Iterable[str], leaving: Sequence[str]) -> dict[str, Any]:
        """Turn on and verify; a run that was killed before it verified leaves nothing that counts as refused before."""
        cluster = Cluster(connection_of(props).open())
        switch = self.switch(props)
        if switch.way_back is not None and not switch.is_on(cluster):
            switch.turn_on()
            return {
                **props,
                "enforced": False,
                "command": switch.way_back.command,
                "standing": switch.way_back.standing,
                "workloads": 0,
                "canaries": 0,
                "leaving": [],
            }
        verification = Verification.begin(cluster, policies_of(props), grants_of(props), refused, leaving)
        verified = enforce(switch, verification, props["timeout_seconds"])
        counts = {"workloads": verified.workloads, "canaries": verified.canaries}
        return {**props, "enforced": True, "command": "", "leaving": list(leaving), **counts}


class EnforcingResource(Resource, module="pod-security", name="Switch"):
    """Enforcement on a cluster.

    Attributes:
        provider_type: the platform's provider.
        enforced: whether the API server enforces the baseline and was verified.
        command: what to run on nodes out of reach before the next update verifies; empty when there is nothing to run.
        standing: how far those nodes are; None when there is nothing to run.
        leaving: policies whose grants were withdrawn: they went after the verification, so the next update verifies.
    """

    provider_type: ClassVar[type[EnforcingProvider]]
    enforced: pulumi.Output[bool]
    command: pulumi.Output[str]
    standing: pulumi.Output[str | None]
    leaving: pulumi.Output[list[str]]

    def __init__(self, name: str, props: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        outputs = dict.fromkeys(("enforced", "command", "standing", "workloads", "canaries", "leaving"))
        super().__init__(self.provider_type(), name, {**props, **outputs}, opts)


def _refused_before(olds: Mapping[str, Any], news: Mapping[str, Any]) -> Iterable[str]:
    """What the plugin refused under the last baseline: recorded before that changed, or asked now where it did not."""
    cluster = Cluster(connection_of(news).open())
    if not olds.get("enforced") or not plugin_is_on(cluster):
        return ()
    if olds.get("leaving") or differ(olds, news, ("policies", "grants")):
        return list(news["refused"])
    return refused_workloads(cluster)


def _leaving(olds: Mapping[str, Any], news: Mapping[str, Any]) -> list[str]:
    """The policies that the baseline stops granting, here or there."""
    grants = grants_of(news)
    names = {policy.name for policy in policies_of(olds)} - {policy.name for policy in policies_of(news)}
    return sorted(names | {grant.policy for grant in grants_of(olds) if grant not in grants})

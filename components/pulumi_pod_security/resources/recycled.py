"""`Recycled`: the last step after a baseline or a switch: pods that carry an old policy are made anew.

Controllers whose pods were refused before are made to try again at once. It never deletes a pod that nothing makes
anew, and leaves alone what the server would refuse; destroying it changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, Resource, UpdateResult

from pulumi_pod_security.cluster.creations import WAKING_RIGHTS
from pulumi_pod_security.cluster.in_force import require_in_force
from pulumi_pod_security.cluster.plan import Plan
from pulumi_pod_security.cluster.preflight import require_rights
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.cluster.recycling import Done, recycle
from pulumi_pod_security.cluster.revival import Waking
from pulumi_pod_security.cluster.staleness import Left, survey
from pulumi_pod_security.cluster.verification import plugin_is_on
from pulumi_pod_security.report.harmless import harmless
from pulumi_pod_security.resources.arguments import require_namespaces, require_seconds
from pulumi_pod_security.resources.baseline import PodSecurityBaseline
from pulumi_pod_security.resources.dynamic import (
    BASELINE,
    Provider,
    connection_of,
    differ,
    grants_of,
    is_known,
    policies_of,
)
from pulumi_pod_security.resources.enablement import Enablement

__all__ = ["Recycled", "RecycledArgs"]


@dataclass(frozen=True, kw_only=True)
class RecycledArgs:
    """Which pods are brought up to date, and after what.

    Attributes:
        baseline: the baseline whose policies they come under.
        enablement: what turns enforcement on; None where it is on already.
        namespaces: theirs; None means all.
        timeout_seconds: how long one workload may take to come back.
    """

    baseline: PodSecurityBaseline
    enablement: Enablement | None = None
    namespaces: Sequence[str] | None = None
    timeout_seconds: int = 300

    def __post_init__(self) -> None:
        require_namespaces(self, self.namespaces)
        require_seconds(self, self.timeout_seconds)


class RecycledProvider(Provider):
    """Makes stale pods anew whenever there are some; a create that was killed is simply begun again."""

    def refusal(self, _olds: dict[str, Any], news: dict[str, Any]) -> None:
        """Refuse a kubeconfig that may not restart workloads, before anything depends on it."""
        if is_known(news.get("kubeconfig")):
            require_rights(Cluster(connection_of(news).open()), WAKING_RIGHTS)

    def changes(self, olds: dict[str, Any], news: dict[str, Any]) -> bool:
        """A changed baseline changes what pods carry, and so do others: pods are looked at each time."""
        return differ(olds, news, (*BASELINE, "namespaces", "timeout_seconds")) or _is_due(news)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Wake and recycle; raises RecyclingStopped when a workload does not come back."""
        return CreateResult("recycled", _recycled(props))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """The same: what carries the present policy is not touched."""
        return UpdateResult(_recycled(_news))


class Recycled(Resource, module="pod-security", name="Recycled"):
    """All pods that a workload makes anew carry the policy that the next one gets.

    Attributes:
        workloads: what was made anew by the last update that did anything.
        left: what was not, with the reasons: pods that nothing makes anew, too.
        to_mend: those of them that somebody can do something about.
    """

    workloads: pulumi.Output[list[str]]
    left: pulumi.Output[list[str]]
    to_mend: pulumi.Output[list[str]]

    def __init__(self, name: str, args: RecycledArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        namespaces = None if args.namespaces is None else list(args.namespaces)
        asked = {"namespaces": namespaces, "timeout_seconds": args.timeout_seconds}
        props = {**args.baseline.as_inputs, **asked, "workloads": None, "left": None, "to_mend": None}
        earlier = [*args.baseline.ready, *(args.enablement.ready if args.enablement else ())]
        after = pulumi.ResourceOptions(depends_on=earlier)
        super().__init__(RecycledProvider(), name, props, pulumi.ResourceOptions.merge(opts, after))
        pulumi.Output.all(self.left, self.to_mend).apply(_say)


def _recycled(props: Mapping[str, Any]) -> dict[str, Any]:
    cluster = Cluster(connection_of(props).open())
    done: list[str] = []
    left: list[Left] = []
    # Where a person must make the nodes follow first, the switch says so, and a later update comes back to this.
    if plugin_is_on(cluster):
        policies = {policy.name: policy for policy in policies_of(props)}
        require_in_force(cluster, Plan(policies=policies, grants=grants_of(props)))
        namespaces = props.get("namespaces")
        _wake(cluster, namespaces, props["timeout_seconds"])
        found = survey(cluster, namespaces)
        left += found.left
        for outcome in recycle(cluster, found, props["timeout_seconds"], _silent):
            if isinstance(outcome, Done):
                done.append(str(outcome.stale))
            else:
                left.append(outcome)
    to_mend = [_told(entry) for entry in left if entry.open]
    return {**props, "workloads": done, "left": list(map(_told, left)), "to_mend": to_mend}


def _told(entry: Left) -> str:
    return harmless(f"{entry}: {entry.reason}")


def _wake(cluster: Cluster, namespaces: Sequence[str] | None, timeout_seconds: float) -> None:
    """Where pods were refused until now, let their controllers try again, and wait for what that brings back."""
    for _ in Waking(cluster, _silent, namespaces).run(timeout_seconds):
        pass


def _silent(_words: str) -> None:
    """Pulumi shows the time that passes."""


def _is_due(props: Mapping[str, Any]) -> bool:
    """Whether something could be made anew now; while the plugin is off, nothing carries a policy."""
    cluster = Cluster(connection_of(props).open())
    return plugin_is_on(cluster) and bool(survey(cluster, props.get("namespaces")).stale)


def _say(told: Sequence[list[str] | None]) -> None:
    left, to_mend = (found or [] for found in told)
    for entry in left:
        say = pulumi.warn if entry in to_mend else pulumi.info
        say(f"not recycled: {entry}")

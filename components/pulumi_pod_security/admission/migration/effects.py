"""Which workloads a level would treat otherwise than the policies do, by namespace; and policies without use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pulumi_pod_security.admission.migration.levels import TIGHTEST_FIRST, Nearest
from pulumi_pod_security.admission.migration.survey import Surveyed
from pulumi_pod_security.admission.rbac.because import MASTERS
from pulumi_pod_security.admission.rbac.links import Link
from pulumi_pod_security.admission.rbac.rbac import Rbac
from pulumi_pod_security.admission.standards import StandardLevel
from pulumi_pod_security.controls.comparison.covering import asks_no_more
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.spec_rules import unusable

__all__ = ["Idle", "InNamespace", "idle", "in_namespaces"]


@dataclass(frozen=True, kw_only=True)
class InNamespace:
    """A namespace with the levels for it.

    Attributes:
        tightest: the tightest level that all its workloads pass.
        nearest: the loosest of the levels that are nearest to the policies that its workloads get; None when they get
            none.
        broken: admitted today, and refused by the nearest level.
        opened: refused today, and admitted by it.
    """

    namespace: str
    workloads: int
    tightest: StandardLevel
    nearest: StandardLevel | None
    broken: tuple[Surveyed, ...]
    opened: tuple[Surveyed, ...]


@dataclass(frozen=True, kw_only=True)
class Idle:
    """A policy that does nothing, and why."""

    policy: str
    why: str

    def __str__(self) -> str:
        return f"{self.policy}: {self.why}"


def in_namespaces(surveyed: Iterable[Surveyed], levels: Iterable[Nearest]) -> tuple[InNamespace, ...]:
    """Every namespace that has workloads, by name.

    Args:
        surveyed: by namespace.
    """
    by_policy = {one.policy: one.comparison.standard.level for one in levels}
    grouped = groupby(surveyed, key=lambda one: one.workload.namespace)
    return tuple(_in_namespace(name, tuple(found), by_policy) for name, found in grouped)


def _in_namespace(name: str, found: Sequence[Surveyed], levels: Mapping[str, StandardLevel]) -> InNamespace:
    given = [levels[one.policy] for one in found if one.policy is not None]
    nearest = max(given, key=TIGHTEST_FIRST.index, default=None)
    judged = [] if nearest is None else [(one, one.passes(nearest)) for one in found]
    return InNamespace(
        namespace=name,
        workloads=len(found),
        tightest=next(level for level in TIGHTEST_FIRST if all(one.passes(level) for one in found)),
        nearest=nearest,
        broken=tuple(one for one, passes in judged if one.policy is not None and not passes),
        opened=tuple(one for one, passes in judged if one.policy is None and passes),
    )


def idle(policies: Sequence[PodSecurityPolicy], rbac: Rbac, surveyed: Sequence[Surveyed]) -> tuple[Idle, ...]:
    """The policies that nobody may use, that no new pod can get, and else those that no workload gets."""
    usable = [policy for policy in policies if not any(unusable(policy.spec))]
    chosen = {one.policy for one in surveyed}
    # Where no workloads were read, nothing is said of what they get.
    unchosen = {policy.name for policy in usable if surveyed and policy.name not in chosen}
    return tuple(_idle(sorted(usable, key=lambda policy: policy.name), rbac, unchosen))


def _idle(policies: Sequence[PodSecurityPolicy], rbac: Rbac, unchosen: Collection[str]) -> Iterator[Idle]:
    given = {policy.name: tuple(_given(policy.name, rbac)) for policy in policies}
    for index, policy in enumerate(policies):
        links = given[policy.name]
        before = (one for one in policies[:index] if asks_no_more(one, policy))
        first = next((one.name for one in before if _reaches_all(given[one.name], links)), None)
        if not links:
            yield Idle(policy=policy.name, why=f"nobody but {MASTERS} may use it")
        elif first is not None:
            what = "asks no more, comes first by name and is granted to the same subjects"
            yield Idle(policy=policy.name, why=f"{first} {what}: no new pod gets this one")
        elif policy.name in unchosen:
            yield Idle(policy=policy.name, why="none of the workloads that were read gets it")


def _given(policy: str, rbac: Rbac) -> Iterator[Link]:
    """The links that give the policy to anybody whom the API server does not let do everything anyhow."""
    for link in rbac.links.all:
        if rbac.gives(link, policy) and not (link.subject.kind == "Group" and link.subject.name == MASTERS):
            yield link


def _reaches_all(wider: Iterable[Link], links: Iterable[Link]) -> bool:
    """Whether everyone of `links` is reached by `wider` in the same places."""
    reached = {(link.subject, link.namespace) for link in wider}
    return all(not reached.isdisjoint({(link.subject, link.namespace), (link.subject, "")}) for link in links)

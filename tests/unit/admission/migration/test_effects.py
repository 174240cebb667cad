"""Workloads that would fare otherwise, and policies without use."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pulumi_pod_security.admission.migration import Idle, InNamespace, idle, in_namespaces, nearest
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from tests.unit.admission.migration.test_survey import calling, surveyed
from tests.unit.support.granting import DEFAULT, grant
from tests.unit.support.rbac import account, binding, group, rbac, role, rule, user
from tests.unit.support.terminal import PRIVILEGED_CONTAINER, TREE, deployment

LEVELS = [nearest(presets.default()), nearest(presets.privileged())]
OPEN = presets.privileged()


def namespaces(*objects: dict[str, Any]) -> dict[str, InNamespace]:
    """Those with workloads, by name."""
    return {one.namespace: one for one in in_namespaces(surveyed(*objects), LEVELS)}


def test_the_tightest_level_is_that_of_all_workloads() -> None:
    """One of them may need the loosest."""
    found = namespaces(*TREE, deployment("alone", "other"))
    assert {name: (one.workloads, one.tightest, one.nearest) for name, one in found.items()} == {
        "other": (1, "baseline", "baseline"),
        "shop": (2, "privileged", "baseline"),
    }


def test_what_is_admitted_today_and_not_by_the_level_is_told() -> None:
    """And the reverse, which is the pod that a policy refuses and no level reads."""
    outside = deployment("ephemeral", volumes=[{"name": "a", "nfs": {"server": "x", "path": "/"}}])
    found = namespaces(*TREE, deployment("calls", containers=[calling("10.0.0.1")]), outside)["shop"]
    assert [str(one.workload) for one in found.broken] == ["shop/Deployment/calls"]
    assert [str(one.workload) for one in found.opened] == ["shop/Deployment/ephemeral"]


def test_the_loosest_policy_of_a_namespace_decides() -> None:
    """Or else what it admits would break."""
    objects = (
        DEFAULT,
        OPEN.to_manifest(),
        *grant("default"),
        *grant("privileged", account("x", "shop"), namespace="shop"),
    )
    loose = deployment("loose", containers=[PRIVILEGED_CONTAINER], serviceAccountName="x")
    assert namespaces(*objects, deployment("web"), loose)["shop"].nearest == "privileged"


def test_a_namespace_that_no_policy_lets_anything_into_has_no_nearest_level() -> None:
    """Nothing breaks and nothing opens."""
    found = namespaces(DEFAULT, deployment("web"))["shop"]
    assert (found.nearest, found.broken, found.opened) == (None, (), ())


def named(name: str) -> PodSecurityPolicy:
    """The default policy by another name."""
    return replace(presets.default(), name=name)


def told(policies: list[PodSecurityPolicy], *manifests: dict[str, Any], workloads: bool = False) -> dict[str, str]:
    """Why policies do nothing, by their names."""
    found = surveyed(*TREE) if workloads else ()
    return {one.policy: one.why for one in idle(policies, rbac(*manifests), found)}


def test_a_policy_that_nobody_may_use_is_told() -> None:
    """The API server's own administrators may use every one."""
    masters = [role("all", rule(verbs=["*"])), binding("all", "all", group("system:masters"))]
    assert told([named("a")], *masters) == {"a": "nobody but system:masters may use it"}
    assert str(Idle(policy="a", why="b")) == "a: b"


def test_a_policy_behind_one_that_asks_no_more_is_told() -> None:
    """Where it is granted to the same subjects, there or everywhere."""
    given = [role("both", rule("a", "b")), binding("both", "both", user("jane"), namespace="shop")]
    wide = replace(OPEN, name="a")
    shadow = "a asks no more, comes first by name and is granted to the same subjects: no new pod gets this one"
    assert told([named("b"), wide], *given) == {"b": shadow}
    everywhere = [role("a", rule("a")), binding("a", "a", user("jane")), role("b", rule("b"))]
    assert told([named("b"), wide], *everywhere, binding("b", "b", user("jane"), namespace="x")) == {"b": shadow}
    assert told([named("b"), wide], *everywhere, binding("b", "b", user("jane"), user("joe"))) == {}
    assert told([named("b"), named("a")], *given) == {"b": shadow}
    assert told([replace(OPEN, name="b"), named("a")], *given) == {}


def test_a_policy_that_no_workload_gets_is_told_where_workloads_were_read() -> None:
    """The others may be of use to somebody."""
    given = [role("one", rule("default", "z")), binding("one", "one", user("jane"))]
    other = replace(OPEN, name="z")
    assert told([presets.default(), other], *given) == {}
    assert told([presets.default(), other], *given, workloads=True) == {
        "z": "none of the workloads that were read gets it"
    }

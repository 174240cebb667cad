"""RBAC objects out of whatever somebody's files hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_pod_security.admission.rbac import Objects, Rbac, pitfalls, read
from tests.fixtures.policy_manifests import garbage
from tests.unit.support.rbac import JANE, aggregated, binding, rbac, role, rule, user

_ROLE, _BINDING = role("r", rule("p")), binding("b", "r", user("jane"))


def _told(*documents: object) -> list[str]:
    return [str(fault) for fault in rbac(*documents).faults]


@pytest.mark.parametrize(
    "documents",
    [
        [{"apiVersion": "v1", "kind": "List", "items": [_ROLE, _BINDING]}],
        [{"kind": "List", "items": [{"kind": "List", "items": [_ROLE]}, _BINDING]}],
        [{**_ROLE, "apiVersion": "rbac.authorization.k8s.io/v1beta1"}, _BINDING],
        [
            {"apiVersion": one["apiVersion"], "kind": f"{one['kind']}List", "items": [{**one, "kind": one["kind"]}]}
            for one in (_ROLE, _BINDING)
        ],
        [
            {
                "apiVersion": one["apiVersion"],
                "kind": f"{one['kind']}List",
                "items": [{key: value for key, value in one.items() if key not in ("kind", "apiVersion")}],
            }
            for one in (_ROLE, _BINDING)
        ],
        [_ROLE, {**_BINDING, "unknown": {"deep": [1]}, "status": None}],
    ],
    ids=["list", "nested", "v1beta1", "typed lists", "bare items", "unknown fields"],
)
def test_read(documents: list[Any]) -> None:
    """Objects may stand alone, in lists, and in lists of one kind whose items do not repeat it."""
    found = rbac(*documents)
    assert found.faults == ()
    assert found.may_use(JANE, "p", "shop")


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": 3},
        {"apiVersion": "authorization.openshift.io/v1", "kind": "Role", "metadata": 3},
        {"kind": ["Role"]},
        {},
    ],
)
def test_other_kinds_are_left_alone(document: dict[str, Any]) -> None:
    """What is no RBAC object is neither an object nor a fault, not even another's Role."""
    assert read([("x", document)]) == Objects()


def test_a_namespace_is_lent() -> None:
    """A Role and a RoleBinding without a namespace go where kubectl would put them."""
    documents = [("r", role("r", rule("p"), namespace="x")), ("b", binding("b", "r", user("jane"), namespace="x"))]
    for _, document in documents:
        document["metadata"]["namespace"] = None
    documents[1][1]["roleRef"]["kind"] = "Role"
    assert Rbac(read(documents, namespace="shop")).may_use(JANE, "p", "shop")
    assert Rbac(read(documents)).may_use(JANE, "p", "default")


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("text", "[0]: 'text'; allowed: a Kubernetes object, and a list only once"),
        (None, "[0]: None; allowed: a Kubernetes object, and a list only once"),
        ({"kind": "List", "items": "x"}, "[0].items: 'x'; allowed: a list of Kubernetes objects"),
        (
            {"kind": "List", "items": {"token": "planted"}},
            "[0].items: 'a mapping with token'; allowed: a list of Kubernetes objects",
        ),
        (
            {"kind": "List", "items": [["planted"]]},
            "[0].items[0]: 'a list of 1'; allowed: a Kubernetes object, and a list only once",
        ),
        ({"kind": "List", "items": [_ROLE, 3]}, "[0].items[1]: 3; allowed: a Kubernetes object, and a list only once"),
        (
            {**_ROLE, "apiVersion": "rbac.authorization.k8s.io/v2"},
            "[0].apiVersion: 'rbac.authorization.k8s.io/v2'; allowed: one of 'rbac.authorization.k8s.io/v1', "
            "'rbac.authorization.k8s.io/v1beta1'; did you mean 'rbac.authorization.k8s.io/v1'?",
        ),
        ({"kind": "Role", "apiVersion": None}, "[0].apiVersion: missing; "),
        ({**_ROLE, "metadata": "x"}, "[0]: ClusterRole.metadata: 'x'; allowed: a mapping"),
        ({**_ROLE, "metadata": {"name": 3}}, "[0]: ClusterRole.metadata.name: 3; allowed: a text"),
        (role("r", rule(verbs="use")), "[0]: ClusterRole.rules[0].verbs: 'use'; allowed: a list, or nothing"),
        (role("r", rule("p", "q"), rule(1)), "[0]: ClusterRole.rules[1].resourceNames[0]: 1; allowed: a text"),  # type: ignore[arg-type]
        (role("r", "rule"), "[0]: ClusterRole.rules[0]: 'rule'; allowed: a mapping"),  # type: ignore[arg-type]
        (
            role("r", labels={"a": 1}),
            "[0]: ClusterRole.metadata.labels[...]: 'a mapping with a'; allowed: a text, or nothing",
        ),
        ({**_BINDING, "subjects": {}}, "[0]: ClusterRoleBinding.subjects: {}; allowed: a list, or nothing"),
        (
            {key: value for key, value in _BINDING.items() if key != "roleRef"},
            "[0]: ClusterRoleBinding: missing; allowed: roleRef",
        ),
        (
            aggregated("a", {"matchExpressions": [{"key": None}]}),
            "[0]: ClusterRole.aggregationRule.clusterRoleSelectors[0].matchExpressions[0].key: None; allowed: a text",
        ),
    ],
)
def test_faults(document: object, fault: str) -> None:
    """What cannot be read is one line with its place, its value and what may stand there; the rest counts."""
    (told,) = _told(document)
    assert told.startswith(fault)
    assert rbac(document, role("r2", rule("p")), binding("b2", "r2", user("jane"))).may_use(JANE, "p", "shop")


def test_the_later_of_two_counts() -> None:
    """An object that is given twice is told of at its first place, and is what it is at its last."""
    found = rbac(role("r", rule("p")), binding("b", "r", user("jane")), role("r", rule("q")))
    assert [one.policy for one in found.can(JANE)] == ["q"]
    (fault,) = found.faults
    assert str(fault) == (
        "[0]: 'ClusterRole r'; allowed: each object once; [2] is the same one, and as the later of the two it counts"
    )


def test_a_list_that_holds_itself() -> None:
    """A list is opened once, however often it occurs, itself among its items included."""
    inner: dict[str, Any] = {"kind": "List", "items": [_ROLE]}
    outer: dict[str, Any] = {"kind": "List", "items": [inner, inner]}
    outer["items"].append(outer)
    assert [told.partition(": ")[0] for told in _told(outer)] == ["[0].items[1]", "[0].items[2]"]


def test_lists_that_come_and_go() -> None:
    """Two lists that were never there together are two, wherever in memory each was."""
    lists = ((f"[{index}]", {"kind": "List", "items": [role(f"r{index}")]}) for index in range(100))
    found = read(lists)
    assert (found.faults, len(found.cluster_roles)) == ((), 100)


def test_a_hundred_thousand_subjects() -> None:
    """Long lists are read and answered, and what is shown of them stays short."""
    subjects = [user(f"u{number}") for number in range(100_000)]
    found = rbac(role("r", rule()), binding("b", "r", *subjects, user("jane")))
    assert found.may_use(JANE, "p", "shop")
    assert all(len(str(pitfall)) < 1000 for pitfall in pitfalls(found, []))


_WHOLE = (_ROLE, _BINDING, aggregated("a", {"matchLabels": {}}))
_PLACES = [(whole, field) for whole in _WHOLE for field in whole]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_PLACES), garbage())
def test_garbage_is_told_and_nothing_worse(place: tuple[dict[str, Any], str], bad: object) -> None:
    """Whatever stands in the place of whatever part, the answer is objects and faults."""
    whole, field = place
    found = rbac(bad, {**whole, field: bad}, {**whole, "metadata": {}})
    assert found.faults
    assert all(str(pitfall) for pitfall in pitfalls(found, []))
    found.can(JANE)

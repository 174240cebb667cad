"""Who may use what, where, and why."""

from __future__ import annotations

import random

import pytest

from pulumi_pod_security.admission.rbac import Named
from pulumi_pod_security.policy.identity import Identity
from tests.fixtures.rbac_graphs import graph, questions
from tests.unit.support.rbac import JANE, account, binding, group, identity, rbac, role, rule, user

_ROLE = role("psp", rule("p"))
_APP = Identity.service_account("shop", "app")


@pytest.mark.parametrize(
    ("subject", "asks"),
    [
        (user("jane"), JANE),
        (group("devs"), JANE),
        (account("app", "shop"), _APP),
        (account("app", "shop"), identity("system:serviceaccount:shop:app")),
        (user("system:serviceaccount:shop:app"), _APP),
        (group("system:serviceaccounts"), _APP),
        (group("system:serviceaccounts:shop"), _APP),
        (group("system:authenticated"), Identity.authenticated_service_account("shop", "app")),
    ],
)
def test_subjects(subject: dict[str, str], asks: Identity) -> None:
    """A user is known by name, a group by membership, a service account by the user it logs in as and its groups."""
    found = rbac(_ROLE, binding("b", "psp", subject))
    assert found.may_use(asks, "p", "any")
    assert found.may_use(asks, "p", "")


def test_an_account_by_either_name() -> None:
    """What an account holds as a subject of its own adds to what it holds as a user."""
    as_user = binding("a", "psp", user("system:serviceaccount:shop:app"))
    found = rbac(_ROLE, role("q", rule("q")), as_user, binding("b", "q", account("app", "shop")))
    assert [found.may_use(_APP, policy, "shop") for policy in ("p", "q")] == [True, True]


@pytest.mark.parametrize(
    ("subject", "asks"),
    [
        (user("devs"), JANE),
        (group("jane"), JANE),
        (account("app", "shop-x"), _APP),
        (account("app", "shop"), identity("app")),
        (group("system:authenticated"), _APP),
        (group("system:serviceaccounts"), identity("system:serviceaccount:shop:app")),
        (user("*"), JANE),
        (group("*"), JANE),
    ],
)
def test_not_subjects(subject: dict[str, str], asks: Identity) -> None:
    """Users are no groups, `*` is a name, and groups are those that the identity brings."""
    assert not rbac(_ROLE, binding("b", "psp", subject)).may_use(asks, "p", "shop")


def test_a_namespace_of_its_own() -> None:
    """A RoleBinding gives a ClusterRole in its namespace, and not in one whose name begins so, nor everywhere."""
    found = rbac(_ROLE, binding("b", "psp", user("jane"), namespace="shop"))
    assert [found.may_use(JANE, "p", namespace) for namespace in ("shop", "shop-x", "")] == [True, False, False]


def test_a_role() -> None:
    """A RoleBinding to a Role means the one in its own namespace, and no ClusterRole of that name."""
    roles = role("r", rule("p"), namespace="shop"), role("r", rule("q"))
    found = rbac(*roles, *(binding("b", "r", user("jane"), namespace=name, kind="Role") for name in ("shop", "else")))
    assert found.may_use(JANE, "p", "shop")
    assert not found.may_use(JANE, "q", "shop")
    assert not found.may_use(JANE, "p", "else")


def test_an_account_is_lent_the_bindings_namespace() -> None:
    """A service account without namespace in a RoleBinding is one of the binding's, as the authorizer has it."""
    found = rbac(_ROLE, binding("b", "psp", account("app"), namespace="shop"))
    assert found.may_use(_APP, "p", "shop")
    because = found.because(_APP, "p", "shop")
    assert because
    assert str(because.subject) == "service account shop/app"


def test_masters() -> None:
    """Who is in system:masters may use everything everywhere, and no binding is the reason."""
    masters = identity("root", "system:masters")
    found = rbac()
    assert found.may_use(masters, "p", "")
    assert [because.binding for because in found.can(masters)] == [None]
    assert str(found.because(masters, "p", "shop")) == (
        "group system:masters may use every policy: the API server lets this group do everything, without asking RBAC"
    )
    assert not found.may_use(identity("system:masters"), "p", "")


def test_the_reason_names_binding_role_and_rule() -> None:
    """An answer is explained by the first binding that gives it: the cluster's before the namespace's, then by name."""
    found = rbac(
        role("psp", rule(verbs=["get"]), rule("o"), rule("p", verbs=["*"])),
        *(binding(name, "psp", user("joe"), group("devs"), namespace="shop") for name in ("b", "a")),
    )
    because = found.because(JANE, "p", "shop")
    assert str(because) == (
        "group devs may use policy p in namespace shop: RoleBinding shop/a gives ClusterRole psp, "
        "by rules[2] (* on podsecuritypolicies of policy, extensions named ['p'])"
    )
    assert found.because(JANE, "p", "else") is None


def test_the_reason_does_not_depend_on_the_order_of_groups() -> None:
    """Of several groups that give a policy, the one of the first binding by name is the reason."""
    groups = [f"g{number}" for number in range(20)]
    bindings = [binding(f"b{number:02}", "psp", group(name)) for number, name in enumerate(groups)]
    found = rbac(_ROLE, *bindings)
    for first in range(20):
        because = found.because(identity("jane", *groups[first:]), "p", "shop")
        assert because
        assert because.subject.name == groups[first]


def test_who_can() -> None:
    """Everyone who may use a policy is listed, by where, binding and place in it."""
    found = rbac(
        _ROLE,
        role("all", rule()),
        role("other", rule("q")),
        binding("z", "psp", user("joe"), group("devs")),
        binding("a", "all", account("app", "shop"), namespace="shop"),
        binding("o", "other", user("jim")),
    )
    assert [(str(one.subject), one.namespace, one.policy) for one in found.who_can("p")] == [
        ("group system:masters", None, None),
        ("user joe", None, "p"),
        ("group devs", None, "p"),
        ("service account shop/app", "shop", "p"),
    ]


def test_can() -> None:
    """What an identity may use is listed once for each binding, every policy as none in particular."""
    found = rbac(
        role("two", rule("q", "p", "a"), rule("p")),
        role("all", rule("p"), rule()),
        binding("z", "two", user("jane"), user("joe")),
        binding("a", "all", group("devs"), namespace="shop"),
    )
    given = [(one.binding, one.policy, one.index) for one in found.can(JANE)]
    everywhere = Named("ClusterRoleBinding", "z")
    assert given == [*((everywhere, name, 0) for name in "apq"), (Named("RoleBinding", "a", "shop"), None, 1)]


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_objects_does_not_matter(seed: int) -> None:
    """Shuffled objects and subjects' owners give the same answers, reasons and lists."""
    chance = random.Random(seed)
    made = graph(chance, "g")
    first = rbac(*made.manifests)
    second = rbac(*chance.sample(made.manifests, len(made.manifests)))
    for asked in questions(chance, made, 200):
        where = (asked.identity, asked.policy, asked.namespace)
        assert first.because(*where) == second.because(*where)
        assert first.may_use(*where) is (first.because(*where) is not None)
        assert first.can(asked.identity) == second.can(asked.identity)
    for policy in made.policies:
        assert first.who_can(policy) == second.who_can(policy)


@pytest.mark.parametrize("seed", range(3))
def test_the_lists_say_what_the_answers_say(seed: int) -> None:
    """An identity may use a policy in a namespace when, and only when, its list has an entry that covers both."""
    chance = random.Random(seed)
    made = graph(chance, "g")
    found = rbac(*made.manifests)
    for asked in questions(chance, made, 300):
        listed = any(
            one.policy in (None, asked.policy) and one.namespace in (None, asked.namespace)
            for one in found.can(asked.identity)
        )
        assert found.may_use(asked.identity, asked.policy, asked.namespace) is listed


def test_names_are_shown_harmlessly() -> None:
    """A name with control characters, or of any length, does not reach a terminal as it is."""
    name = "a\x1b[2J" + "x" * 1000
    found = rbac(role(name, rule("p")), binding(name, name, user(name)))
    text = str(found.because(identity(name), "p", ""))
    assert "\x1b" not in text
    assert len(text) < 700

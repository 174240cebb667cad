"""What RBAC says that is probably not meant."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pulumi_pod_security.admission.rbac import Pitfall, pitfalls
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated, nodes, service_accounts
from pulumi_pod_security.targets.psp import psp_manifests
from tests.unit.support.rbac import account, aggregated, binding, group, rbac, role, rule, user

_POLICIES = [presets.privileged(), presets.default(), presets.restricted()]
_EVERYONE, _SERVICES = group("system:authenticated"), group("system:serviceaccounts")


def _found(*manifests: object) -> list[Pitfall]:
    return list(pitfalls(rbac(*manifests), _POLICIES))


def _texts(kind: str, *manifests: object) -> list[str]:
    return [str(pitfall) for pitfall in _found(*manifests) if pitfall.kind == kind]


def test_a_sound_baseline_has_none() -> None:
    """What this package itself writes is not complained of."""
    grants = [
        Grant(policy="privileged", namespace="kube-system", subjects=[nodes(), service_accounts()]),
        Grant(policy="default", subjects=[authenticated()]),
    ]
    written = psp_manifests(_POLICIES, grants)
    assert _found(*written.roles, *written.bindings) == []


def test_the_clusters_own_administrators_are_no_pitfall() -> None:
    """Every cluster binds cluster-admin to system:masters, who may do everything anyhow."""
    everything = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    assert (
        _found(role("cluster-admin", everything), binding("cluster-admin", "cluster-admin", group("system:masters")))
        == []
    )
    others = user("jane"), group("devs"), user("system:masters")
    (text,) = _texts("wildcard", role("a", everything), binding("b", "a", group("system:masters"), *others))
    assert text.startswith(
        "ClusterRoleBinding b: lets user jane, group devs and user system:masters use every policy, those to come "
        "included, by rules[0]"
    )


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"verbs": ["*"]}, "use the policies it names, by rules[0] of ClusterRole r with '*' in verbs; "),
        ({"apiGroups": ["*"], "resources": ["*"]}, "with '*' in apiGroups and resources; a rule of its own instead"),
        ({"apiGroups": ["extensions"], "verbs": ["*"], "resources": ["*"]}, "with '*' in verbs and resources; "),
    ],
)
def test_wildcards(fields: dict[str, Any], told: str) -> None:
    """A grant by `*` is found in every field, all verbs on all resources of extensions among them."""
    (text,) = _texts("wildcard", role("r", rule("default", **fields)), binding("b", "r", user("jane")))
    assert told in text


def test_every_policy() -> None:
    """A rule without names is for every policy, and is told once for each binding with a few of its subjects."""
    subjects = [user(f"u{number}") for number in range(7)]
    (text,) = _texts("every-policy", role("r", rule()), binding("b", "r", *subjects, namespace="shop"))
    assert text == (
        "RoleBinding shop/b: lets user u0, user u1, user u2, user u3, user u4 and 2 more use every policy, those to "
        "come included, by rules[0] of ClusterRole r without resourceNames; name them: resourceNames: [POLICY]"
    )


def test_each_binding_is_told() -> None:
    """Two bindings are two grants, and five subjects are few enough to be named."""
    five = [user(f"u{number}") for number in range(5)]
    texts = _texts("every-policy", role("r", rule()), binding("a", "r", *five), binding("b", "r", user("jane")))
    assert [text.partition(" use ")[0] for text in texts] == [
        "ClusterRoleBinding a: lets user u0, user u1, user u2, user u3 and user u4",
        "ClusterRoleBinding b: lets user jane",
    ]


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        (["defualt"], "allows use of 'defualt', which is not there; did you mean 'default'?"),
        (
            ["xyz", "default", "abc"],
            "allows use of 'xyz' and 'abc', which are not there; "
            "make the policy, or take its name out of resourceNames",
        ),
        (
            ["*"],
            "allows use of '*', which is not there; "
            "among resourceNames '*' is a name like any other; without resourceNames a rule is for every policy",
        ),
    ],
)
def test_unknown_policies(given: list[str], mend: str) -> None:
    """A grant of a policy that does not exist is told with the name that was probably meant."""
    (text,) = _texts("unknown-policy", role("r", rule("default"), rule(*given), namespace="shop"))
    assert text == f"Role shop/r: rules[1]: {mend}"


@pytest.mark.parametrize(
    ("manifests", "text"),
    [
        (
            [binding("b", "viw", user("jane")), role("view")],
            "ClusterRoleBinding b: refers to ClusterRole viw, which does not exist, and gives nothing until somebody "
            "makes one of that name; did you mean 'view'?",
        ),
        (
            [binding("b", "r", namespace="shop", kind="Role"), role("r"), role("r", namespace="else")],
            "RoleBinding shop/b: refers to Role shop/r, which does not exist, and gives nothing until somebody makes "
            "one of that name; there is a ClusterRole r: roleRef.kind: ClusterRole",
        ),
        (
            [binding("b", "r", namespace="shop", kind="Role"), role("other", namespace="shop")],
            "RoleBinding shop/b: refers to Role shop/r, which does not exist, and gives nothing until somebody makes "
            "one of that name; make the Role, or delete the binding",
        ),
    ],
)
def test_missing_roles(manifests: list[object], text: str) -> None:
    """A binding to a role that does not exist is told, with the role that was probably meant."""
    assert _texts("missing-role", *manifests) == [text]


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        (user("*"), "is nobody that could log in; allowed: a user's name; authenticated() is everyone"),
        (user("system:serviceaccount:app"), "a service account as service_account('NAME', 'NAMESPACE')"),
        (user("system:authenticated"), "this is the name of a group: authenticated()"),
        (group("system:serviceaccount:shop:app"), "this is the name of one account"),
        (group("system:authenticated:shop"), "authenticated() in a grant with namespace='shop'"),
        (account("app", "No Such"), "at most 63 of a-z"),
        (
            user("jane", namespace="shop"),
            "b: user jane: has a namespace, 'shop', which an API server drops: it holds wherever the binding does; "
            "leave it out, or give the role by a RoleBinding in that namespace",
        ),
    ],
)
def test_impossible_subjects(subject: dict[str, str], told: str) -> None:
    """Subjects that nobody can be are told, each with what was probably meant."""
    (text,) = _texts("impossible-subject", role("r", rule("default")), binding("b", "r", subject))
    assert text.startswith("ClusterRoleBinding b: ")
    assert told in text


@pytest.mark.parametrize(
    "fields",
    [
        {"verbs": ["Use"]},
        {"verbs": ["use "]},
        {"apiGroups": ["policy/v1beta1"]},
        {"apiGroups": [""]},
        {"resources": ["PodSecurityPolicy"]},
        {"resources": ["podsecuritypolicies/use"]},
        {"resources": ["psp"]},
    ],
)
def test_near_misses(fields: dict[str, Any]) -> None:
    """A rule that means to be a grant and is none is told as it is spelled."""
    (text,) = _texts("grants-nothing", role("r", rule("default"), rule("default", **fields)))
    ((name, values),) = fields.items()
    spelled = {**rule(), name: values}
    found = ", ".join(f"{name}: [{', '.join(spelled[name])}]" for name in ("verbs", "resources", "apiGroups"))
    assert text == (
        f"ClusterRole r: rules[1]: looks like a grant of policies and is none: {found}; "
        "verbs: [use], resources: [podsecuritypolicies], apiGroups: [policy, extensions], in lower case"
    )


def test_managing_policies_is_no_near_miss() -> None:
    """Whoever may read or write policies was not meant to use them."""
    assert _found(role("r", rule(verbs=["get", "list", "create"])), role("s", rule(resources=["pods"]))) == []


def test_one_api_group() -> None:
    """A rule for one API group is told, unless another of the role's says the same for the other."""
    assert _texts("one-api-group", role("r", rule("default", apiGroups=["extensions"]))) == [
        "ClusterRole r: rules[0]: names API group 'extensions' and not 'policy'; the admission plugin asks in both and "
        "takes either answer, kubectl auth can-i and others ask in one: apiGroups: [policy, extensions]"
    ]
    halves = rule("default", "privileged", apiGroups=["policy"]), rule("default", apiGroups=["extensions"])
    (text,) = _texts("one-api-group", role("r", *halves))
    assert text.endswith(
        "rules[0]: names API group 'policy' and not 'extensions'; it works; add 'extensions' only for servers before "
        "Kubernetes 1.16"
    )
    assert _texts("one-api-group", role("r", halves[1], rule("default", apiGroups=["*"]))) == []
    (text,) = _texts("one-api-group", role("r", halves[1], rule(apiGroups=["policy"])))
    assert "rules[1]: names API group 'policy'" in text


def test_what_is_taken_over_is_told_once() -> None:
    """A rule's own role is told of it, and not every role that aggregates that one."""
    source = role("source", rule("missing", apiGroups=["policy"]))
    for kind in ("unknown-policy", "one-api-group"):
        (text,) = _texts(kind, source, aggregated("all", {}), aggregated("more", {}))
        assert text.startswith("ClusterRole source: rules[0]")


def test_aggregation() -> None:
    """Rules that are written over are told, and roles that aggregate each other."""
    one = aggregated("one", {"matchLabels": {"to": "one"}}, rules=[rule("default")], labels={"to": "two"})
    two = aggregated("two", {"matchLabels": {"to": "two"}}, labels={"to": "one"})
    assert _texts("rules-overwritten", one, two) == [
        "ClusterRole one: has rules of its own beside its aggregationRule, and those it selects are written over them; "
        "put them into a ClusterRole with labels that the aggregationRule selects"
    ]
    stored = aggregated("stored", {"matchLabels": {"to": "one"}}, rules=[rule("default")], uid="1")
    other = aggregated("other", {"matchLabels": {"to": "one"}}, rules=[rule("default", verbs=["get"])])
    assert _texts("rules-overwritten", stored, other) == []
    assert _texts("aggregation-circle", two, one) == [
        "ClusterRole one: aggregates in a circle with ClusterRole two: a rule that any of them ever had, none of them "
        "loses; labels that select the roles with the rules, and not each other"
    ]
    assert _texts("aggregation-circle", aggregated("one", {}), role("r")) == []


def test_faults_are_pitfalls() -> None:
    """What cannot be read, and what an API server would refuse, is told with the rest."""
    assert _texts("fault", 3, binding("b", "r", account("app")), role("r")) == [
        "[0]: 3 counts for nothing; allowed: a Kubernetes object, and a list only once",
        "ClusterRoleBinding b: subjects[0].namespace: missing counts for nothing; "
        "allowed: the account's namespace; a ClusterRoleBinding has none to lend",
    ]


def test_a_permissive_policy_for_everyone() -> None:
    """A policy that gives the node away and that everyone may use makes the others refuse nobody."""
    manifests = role("r", rule("privileged", "restricted")), binding("b", "r", user("jane"), _EVERYONE)
    assert _texts("shadow", *manifests) == [
        "PodSecurityPolicy privileged: everyone (group system:authenticated) may use it by ClusterRoleBinding b, and "
        "it allows privileged containers and hostPath volumes of any path: what the other 2 policies refuse, this one "
        "lets in; give it to the accounts that need it, in their namespaces"
    ]


def test_a_permissive_policy_beside_one_other() -> None:
    """One policy that refuses nobody any more is told as one."""
    found = rbac(role("r", rule("privileged")), binding("b", "r", _EVERYONE))
    (text,) = [str(one) for one in pitfalls(found, [presets.privileged(), presets.default()]) if one.kind == "shadow"]
    assert "what the other policy refuses, this one lets in; " in text


def test_everyone_by_a_wildcard_in_a_namespace() -> None:
    """Every pod's account is everyone, a wildcard counts, and each namespace is told once unless the cluster is."""
    everything = role("r", {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
    bindings = [binding(f"b-{name}", "r", _SERVICES, _EVERYONE, namespace=name) for name in ("shop", "else")]
    texts = _texts("shadow", everything, *bindings)
    assert ["in namespace else" in text for text in texts] == [True, False]
    (text,) = _texts("shadow", everything, *bindings, binding("b", "r", _SERVICES))
    assert "in namespace" not in text


@pytest.mark.parametrize(
    ("policy", "open_"),
    [
        (presets.default(), False),
        (presets.unprivileged(), False),
        (presets.restricted(), False),
        (presets.example(), True),
        (presets.privileged(), True),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_which_policies_are_permissive(policy: Any, open_: bool) -> None:  # noqa: FBT001
    """Privileged containers, or any path of the host, are the node; host paths of a list are not."""
    found = rbac(role("r", rule()), binding("b", "r", _EVERYONE))
    alone = [one for one in pitfalls(found, [policy]) if one.kind == "shadow"]
    assert bool(alone) is open_
    assert not any("the other" in str(one) for one in alone)


def test_host_paths_alone_are_enough() -> None:
    """A policy without privileged containers is permissive when `hostPath` volumes have no list of paths."""
    policy = presets.default()
    policy = dataclasses.replace(policy, spec=dataclasses.replace(policy.spec, volumes=("hostPath",)))
    found = rbac(role("r", rule()), binding("b", "r", _EVERYONE))
    (text,) = [str(one) for one in pitfalls(found, [policy]) if one.kind == "shadow"]
    assert "it allows hostPath volumes of any path;" in text

"""Policies and grants as manifests."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from pulumi_pod_security.errors import InvalidBaseline
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import (
    Grant,
    authenticated,
    group,
    service_account,
    service_accounts,
    user,
)
from pulumi_pod_security.targets.psp import psp_manifests
from tests.fixtures.baselines import published, two_policies
from tests.unit.support.golden import GOLDEN, require_golden

_POLICIES = {
    "privileged-with-unsafe-sysctls": presets.privileged_with_unsafe_sysctls(),
    **{name: make() for name, make in presets.PRESETS.items()},
}
_RENDERED = {
    "baseline": list(two_policies()),
    **{name: [policy.to_manifest()] for name, policy in _POLICIES.items()},
}


def _text(manifests: list[dict[str, Any]]) -> str:
    return yaml.safe_dump_all(manifests, sort_keys=False, explicit_start=True)


@pytest.mark.parametrize("name", _RENDERED)
def test_golden(name: str) -> None:
    """What is written is what was reviewed; UPDATE_GOLDEN=1 writes the files anew."""
    require_golden(f"psp/{name}.yaml", _text(_RENDERED[name]))


def test_there_is_no_other_golden_file() -> None:
    """A file that nothing writes any more is not left to be reviewed."""
    assert {path.stem for path in (GOLDEN / "psp").iterdir()} == set(_RENDERED)


def test_the_baseline_as_it_was_published() -> None:
    """Two policies and their grants give the published six objects, names and values, in the order they must exist."""
    assert list(two_policies()) == published("baseline")


def test_a_grant_to_an_account_in_the_whole_cluster() -> None:
    """A grant without a namespace is a ClusterRoleBinding, and an account keeps its own namespace in it."""
    grant = Grant(policy="example", subjects=[service_account("app", "app-test")])
    written = psp_manifests([presets.example()], [grant])
    assert [role["metadata"]["name"] for role in written.roles] == ["psp:example"]
    assert written.bindings == (
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "psp:example:app:app-test"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "psp:example"},
            "subjects": [{"kind": "ServiceAccount", "name": "app", "namespace": "app-test"}],
        },
    )


def test_fifty_namespaces_have_one_role() -> None:
    """Grants of one policy share its role, and each has its own RoleBinding."""
    names = [f"team-{number}" for number in range(50)]
    grants = [Grant(policy="default", namespace=name, subjects=[service_accounts()]) for name in names]
    written = psp_manifests([presets.default()], grants)
    assert [role["metadata"]["name"] for role in written.roles] == ["default-psp"]
    assert [binding["metadata"]["namespace"] for binding in written.bindings] == names
    assert {binding["kind"] for binding in written.bindings} == {"RoleBinding"}
    assert {binding["metadata"]["name"] for binding in written.bindings} > {"default-psp-serviceaccounts:team-7"}


def test_a_policy_nobody_may_use_has_no_role() -> None:
    """A role is written for a grant, not for a policy."""
    written = psp_manifests([presets.default(), presets.restricted()], [])
    assert (len(written.policies), written.roles, written.bindings) == (2, (), ())


def test_names_that_are_given() -> None:
    """A role and a binding have the names their grant gives them, wherever they are named."""
    grant = Grant(policy="default", namespace="a", subjects=[user("jeff")], role="r", binding="b")
    (role,), (binding,) = (written := psp_manifests([presets.default()], [grant])).roles, written.bindings
    assert (role["metadata"], binding["metadata"]) == ({"name": "r"}, {"name": "b", "namespace": "a"})
    assert binding["roleRef"]["name"] == "r"


def test_those_who_manage_policies() -> None:
    """They get one role over policies in both groups, and a binding for each of them."""
    written = psp_manifests([], [], [user("jeff"), group("sec")])
    (role,) = written.roles
    verbs = ["create", "delete", "get", "list", "patch", "update"]
    assert role["metadata"]["name"] == "psp-admin"
    assert role["rules"] == [
        {"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": verbs},
        {"apiGroups": ["extensions"], "resources": ["podsecuritypolicies"], "verbs": verbs},
    ]
    assert [(binding["kind"], binding["metadata"], binding["subjects"]) for binding in written.bindings] == [
        ("ClusterRoleBinding", {"name": f"psp-admin:{name}"}, [subject.to_manifest()])
        for name, subject in (("jeff", user("jeff")), ("group:sec", group("sec")))
    ]


def test_one_api_group() -> None:
    """Roles name the API groups that are asked for."""
    everyone = Grant(policy="default", subjects=[authenticated()])
    (role, admins) = psp_manifests([presets.default()], [everyone], [user("jeff")], api_groups=["policy"]).roles
    assert [rule["apiGroups"] for rule in (*role["rules"], *admins["rules"])] == [["policy"], ["policy"]]


def test_each_writing_is_its_own() -> None:
    """A manifest that is changed after writing does not show in another."""
    first, second = two_policies(), two_policies()
    first.roles[0]["rules"][0]["verbs"].append("get")
    first.policies[0]["spec"]["volumes"].clear()
    assert list(second) == published("baseline")
    assert first.roles[0]["rules"][1]["verbs"] == ["use"]
    (admins,) = psp_manifests([], [], [user("jeff")]).roles
    admins["rules"][0]["verbs"].clear()
    assert "get" in admins["rules"][1]["verbs"]


def test_parts_that_do_not_fit_together() -> None:
    """Nothing is written of a baseline whose parts do not fit together."""
    with pytest.raises(InvalidBaseline, match=r"grants\[0\]\.policy: 'defualt'"):
        psp_manifests([presets.default()], [Grant(policy="defualt", subjects=[authenticated()])])

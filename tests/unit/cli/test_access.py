"""`pod-security who-can` and `pod-security can`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.terminal import run, written

GROUP = "rbac.authorization.k8s.io"
JANE = {"apiGroup": GROUP, "kind": "User", "name": "jane"}
CART = {"kind": "ServiceAccount", "name": "cart", "namespace": "shop"}
MASTERS = "group system:masters may use every policy: the API server lets this group do everything, without asking RBAC"


@pytest.fixture
def rules(tmp_path: Path) -> str:
    """Everyone may use `default`; one account, and jane for a namespace, may use `privileged`."""
    one, binding = grant("privileged", JANE, CART, namespace="shop")
    return written(tmp_path, [DEFAULT, PRIVILEGED, *grant("default"), one, binding])


def test_who_can_names_everyone_with_the_reason(rules: str) -> None:
    """Subject, place, binding, role and rule, one a line."""
    done = run("who-can", "privileged", rules)
    assert done.exit_code == 0
    given = (
        "RoleBinding shop/privileged gives ClusterRole privileged, by rules[0] "
        "(use on podsecuritypolicies of policy named ['privileged'])"
    )
    assert done.stdout.splitlines()[:3] == [
        MASTERS,
        f"user jane may use policy privileged in namespace shop: {given}",
        f"service account shop/cart may use policy privileged in namespace shop: {given}",
    ]


def test_pitfalls_of_what_was_asked_about_are_listed(rules: str) -> None:
    """Both roles name one API group only; that of the other policy is counted and not listed."""
    told = run("who-can", "privileged", rules).stdout
    assert "pitfalls:\n  ClusterRole privileged: rules[0]: names API group 'policy' and not 'extensions'; " in told
    assert "ClusterRole default" not in told
    assert "not listed: 1 pitfall of other policies, roles and bindings" in told
    jane = run("can", "user:jane", rules).stdout
    assert "ClusterRole default: rules[0]" in jane
    assert "ClusterRole privileged: rules[0]" in jane
    assert "not listed" not in jane
    assert "ClusterRole privileged" not in run("can", "authenticated", rules).stdout


def test_a_misspelt_policy_is_noticed(rules: str) -> None:
    """It is the first line, with the likely name; the answer is that of RBAC, which knows no policies."""
    done = run("who-can", "privilegd", rules)
    assert done.exit_code == 0
    assert done.stdout.splitlines()[:2] == ["there is no policy 'privilegd'; did you mean 'privileged'?", MASTERS]
    told = json.loads(run("who-can", "privilegd", rules, "--output", "json").stdout)
    assert told["notes"][0] == "there is no policy 'privilegd'; did you mean 'privileged'?"


@pytest.mark.parametrize(
    ("subject", "policies"),
    [
        ("user:jane", ["default", "privileged"]),
        ("serviceaccount:shop/cart", ["default", "privileged"]),
        ("serviceaccount:shop/other", ["default"]),
        ("authenticated", ["default"]),
        ("nodes", []),
        ("group:system:masters", [None]),
    ],
)
def test_can_lists_what_a_subject_may_use(rules: str, subject: str, policies: list[Any]) -> None:
    """By itself or by the groups it is in."""
    done = run("can", subject, rules, "--output", "json")
    assert done.exit_code == 0
    assert [answer["policy"] for answer in json.loads(done.stdout)["answers"]] == policies


def test_can_says_so_when_there_is_nothing(rules: str) -> None:
    """In a line, not by silence."""
    assert run("can", "nodes", rules).stdout.splitlines()[0] == "can nodes: no policy at all"


def test_the_two_faces_of_an_account_are_told_apart(rules: str) -> None:
    """What holds for an account that logs in need not hold for the account of a pod."""
    assert "as the account of a pod that another creates it is not" in run("can", "serviceaccount:shop/x", rules).stdout
    assert "as the account of a pod" not in run("can", "user:jane", rules).stdout


def test_an_accounts_own_rights_have_one_face(tmp_path: Path) -> None:
    """They hold however it asks."""
    done = run("can", "serviceaccount:shop/cart", written(tmp_path, [DEFAULT, *grant("default", CART)]))
    assert "service account shop/cart may use policy default" in done.stdout
    assert "as the account of a pod" not in done.stdout


def test_rights_to_nothing_are_told(tmp_path: Path) -> None:
    """RBAC may name a policy that is not there."""
    done = run("can", "authenticated", written(tmp_path, grant("ghost")))
    assert "there is no policy named 'ghost'" in done.stdout


def test_json_is_whole(rules: str) -> None:
    """The binding, the role and the rule come in parts."""
    answer = json.loads(run("who-can", "privileged", rules, "--output", "json").stdout)["answers"][2]
    assert answer["subject"] == {"kind": "ServiceAccount", "name": "cart", "namespace": "shop"}
    assert answer["binding"] == {"kind": "RoleBinding", "name": "privileged", "namespace": "shop"}
    assert (answer["role"]["name"], answer["rule"], answer["namespace"]) == ("privileged", 0, "shop")


def test_faults_are_2(tmp_path: Path, rules: str) -> None:
    """RBAC that an API server would refuse is listed, and may have been the answer."""
    broken = {"apiVersion": f"{GROUP}/v1", "kind": "ClusterRole", "metadata": {"name": "a/b"}, "rules": []}
    done = run("who-can", "default", rules, written(tmp_path, [broken], "broken.json"))
    assert done.exit_code == 2
    assert "could not be read or used:\n  ClusterRole a/b: metadata.name: 'a/b'; allowed: " in done.stdout
    assert done.stdout.count("ClusterRole a/b") == 1


def test_bad_usage_is_2(rules: str) -> None:
    """A subject nobody spells so, nothing to read, and a format there is not."""
    assert "did you mean 'nodes'?" in run("can", "nodez", rules).stderr
    assert [
        run("can", "nodez", rules).exit_code,
        run("can", "nodes").exit_code,
        run("who-can", "default").exit_code,
        run("who-can", "default", rules, "--output", "junit").exit_code,
    ] == [2, 2, 2, 2]

"""A baseline by options, and by a stack's file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_pod_security.cli.declared import EXAMPLE, Declared
from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, authenticated, group, nodes, service_account, service_accounts

TO_SYSTEM = Grant(policy="privileged", namespace="kube-system", subjects=[nodes(), service_accounts()])


def stack_file(folder: Path, **config: Any) -> str:
    """A stack's file with these keys."""
    file = folder / "Pulumi.prod.yaml"
    values = {f"pod-security:{key}": value for key, value in config.items()}
    file.write_text(yaml.safe_dump({"config": {"aws:region": "eu-west-1", **values}}), encoding="utf-8")
    return str(file)


def test_the_usual_one_lets_the_clusters_own_pods_in() -> None:
    """And nobody else's."""
    assert Declared.usual() == Declared(policies=(presets.privileged(),), grants=(TO_SYSTEM,))


def test_the_example_is_the_usual_grant() -> None:
    """What help and errors show can be used as it is."""
    assert Declared.by_options([], [EXAMPLE]) == Declared.usual()


def test_a_grant_of_a_preset_asks_for_it() -> None:
    """Each preset once, however often it is named; a line of a list may be pasted with its dash."""
    made = Declared.by_options(["default"], [EXAMPLE, "- {policy: default, to: [authenticated]}"])
    assert made.policies == (presets.default(), presets.privileged())
    assert made.grants == (TO_SYSTEM, Grant(policy="default", subjects=[authenticated()]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("privileged", "a grant such as {policy: privileged"),
        ("{policy: [", "a grant such as {policy: privileged"),
        ("[" * 20_000, "a grant such as {policy: privileged"),
        ("2026-13-45", "a grant such as {policy: privileged"),
        ("{policy: default}", "to: missing"),
        ("{policy: default, to: [everyone]}", "'user:everyone'"),
    ],
)
def test_a_grant_that_is_none_is_refused(text: str, said: str) -> None:
    """With what to write instead."""
    with pytest.raises(InvalidInput, match=re.escape(said)):
        Declared.by_options([], [text])


def test_a_policy_that_is_not_there_is_refused() -> None:
    """By the check that every baseline goes through."""
    with pytest.raises(InvalidInput, match="'tight'"):
        Declared.by_options([], ["{policy: tight, to: [authenticated]}"]).manifests()


def test_a_stacks_file_says_the_same_as_to_the_stack(tmp_path: Path) -> None:
    """Presets and manifests, groups of namespaces, administrators; what is not ours is left aside."""
    own = {**presets.default().to_manifest(), "metadata": {"name": "own"}}
    path = stack_file(
        tmp_path,
        policies=["privileged", own],
        grants=[
            {"policy": "privileged", "namespaces": ["infra", "more"], "to": ["serviceaccount:agent"]},
            {"policy": "own", "to": ["authenticated"]},
        ],
        namespaces={"infra": ["kube-system", "monitoring"], "more": ["monitoring"]},
        admins=["group:ops"],
        platform={"kind": "kubeadm"},
    )
    made = Declared.by_stack_file(path)
    assert [policy.name for policy in made.policies] == ["privileged", "own"]
    assert made.grants == (
        Grant(policy="privileged", namespace="kube-system", subjects=[service_account("agent", "kube-system")]),
        Grant(policy="privileged", namespace="monitoring", subjects=[service_account("agent", "monitoring")]),
        Grant(policy="own", subjects=[authenticated()]),
    )
    assert made.admins == (group("ops"),)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "with the key pod-security:policies below config"),
        ({"policies": {"secure": "v1:xyz"}}, "'a secret'; allowed: a list in clear"),
        ({"policies": ["privleged"]}, "did you mean 'privileged'?"),
        ({"policies": ["default"], "grants": ["default"]}, "a grant such as"),
        (
            {"policies": ["default"], "grants": [{"policy": "default", "to": ["nodes"], "namespaces": ["infra"]}]},
            "pod-security:namespaces has none",
        ),
        (
            {"policies": ["default"], "grants": [{"policy": "default", "namespaces": [["infra"]]}]},
            "grants[].namespaces: [['infra']]; allowed: a list of groups",
        ),
        ({"policies": ["default"], "namespaces": 5}, "pod-security:namespaces: 5; allowed: a list of namespaces for"),
        ({"policies": ["default"], "namespaces": {"infra": "shop"}}, "pod-security:namespaces: 'shop'; allowed: a"),
        ({"policies": ["default"], "namespaces": {"infra": [{}]}}, "pod-security:namespaces: [{}]; allowed: a list"),
    ],
)
def test_what_a_stack_would_refuse_is_refused(tmp_path: Path, config: dict[str, Any], said: str) -> None:
    """In fewer words than the stack's own."""
    with pytest.raises(InvalidInput, match=re.escape(said)):
        Declared.by_stack_file(stack_file(tmp_path, **config))


@pytest.mark.parametrize(
    "text",
    [None, "{", "[]", "config: 3", "[" * 20_000, "config: 2026-13-45", "config: !!python/object/apply:os.getcwd []"],
    ids=["none", "open", "list", "number", "deep", "no-date", "program"],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str | None) -> None:
    """Missing, no YAML, or no stack's."""
    file = tmp_path / "file.yaml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match="a file of a Pulumi stack"):
        Declared.by_stack_file(str(file))


def test_what_is_said_to_declare_is_the_same_again(tmp_path: Path) -> None:
    """Short where there are short words."""
    own = presets.default().to_manifest()
    own["metadata"]["name"] = "own"
    path = stack_file(tmp_path, policies=["privileged", own], grants=[{"policy": "own", "to": ["user:jane", "nodes"]}])
    made = Declared.by_stack_file(path)
    again = tmp_path / "again.yaml"
    again.write_text(made.as_config(), encoding="utf-8")
    assert Declared.by_stack_file(str(again)) == made
    assert "to: [nodes, service-accounts]" in Declared.usual().as_config()
    assert "pod-security:policies: [privileged]" in Declared.usual().as_config()

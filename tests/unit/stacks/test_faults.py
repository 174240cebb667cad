"""One message tells everything that is wrong, but for what only follows from it; and it ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.support.refusals import mend, refusal
from tests.unit.support.stackfile import Configure, Secret
from tests.unit.support.wrong_policies import MANIFEST, SPEC

EVERYTHING: dict[str, Any] = {
    "polcy": "x",
    "policies": [
        "privlged",
        3,
        {**MANIFEST, "spec": {**SPEC, "privilegd": True, "volumes": ["zzz"]}},
    ],
    "namespaces": {"infra": ["a", "B", 7], "team": "shop"},
    "grants": [
        {"to": ["nodes", 3, "node"], "why": "x", "role": "cluster-admin"},
        {"policy": "default", "namespace": "Shop", "to": "authenticated", "binding": 5},
        {"policy": "default", "namespaces": ["infr"], "to": []},
        "default",
    ],
    "admins": [4, "jane"],
    "platform": {"kind": "kubeadm", "config": [], "manifest": "/m", "timeoutSeconds": 0},
    "kubeconfig": "apiVersion: v1\nkind: Config\n",
    "context": ["a"],
}


def places() -> list[str]:
    """Where the message says that something is wrong."""
    return [line.partition(": ")[0].removeprefix("pod-security:") for line in refusal().splitlines()[::2]]


def test_every_fault_is_told_at_once(configure: Configure) -> None:
    """Unknown keys, types, groups, policies, grants, administrators, the platform and how the cluster is reached."""
    configure(**EVERYTHING)
    assert sorted(places()) == [
        "admins[0]",
        "admins[1]",
        "context",
        "grants[0].policy",
        "grants[0].role",
        "grants[0].to[1]",
        "grants[0].to[2]",
        "grants[0].why",
        "grants[1].binding",
        "grants[1].namespace",
        "grants[1].to",
        "grants[2].namespaces[0]",
        "grants[2].to",
        "grants[3]",
        "kubeconfig",
        "namespaces.infra[1]",
        "namespaces.infra[2]",
        "namespaces.team",
        "platform.config",
        "platform.manifest",
        "platform.timeoutSeconds",
        "polcy",
        "policies[0]",
        "policies[1]",
        "policies[2].spec.privilegd",
        "policies[2].spec.volumes[0]",
    ]


def test_what_does_not_fit_together_is_told_with_the_rest(configure: Configure) -> None:
    """A grant with another fault is still one of a policy that does not exist."""
    configure(
        policies=["default", "default"],
        grants=[{"policy": "defualt", "to": ["node"]}, {"policy": "default", "to": ["nodes"], "why": "x"}],
        admins=["user:a", "jane", "user:a"],
        context={},
    )
    assert sorted(places()) == [
        "admins[1]",
        "admins[2]",
        "context",
        "grants[0].policy",
        "grants[0].to[0]",
        "grants[1].why",
        "policies[1]",
    ]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param(
            {"policies": ["defualt"], "grants": [{"policy": "ours", "to": ["nodes"]}]}, ["policies[0]"], id="p"
        ),
        pytest.param({"grants": [{"policy": "ours", "to": ["nodes"]}]}, ["policies"], id="no policies"),
        pytest.param(
            {
                "policies": ["default"],
                "namespace": {"infra": ["a"]},
                "grants": [{"policy": "default", "namespaces": ["infra"], "to": ["serviceaccount:a"]}],
            },
            ["namespace"],
            id="groups",
        ),
        pytest.param(
            {"policies": ["default"], "platform": {"kind": "openshift", "region": "x"}},
            ["platform.kind"],
            id="platform",
        ),
        pytest.param(
            {"policies": ["default"], "grants": [{"policy": "default", "namespace": 7, "to": ["serviceaccount:a"]}]},
            ["grants[0].namespace"],
            id="namespace",
        ),
        pytest.param(
            {"policies": ["default"], "grants": [{"policy": "default", "namespaces": ["a"], "to": ["nodes"]}] * 2},
            ["grants[0].namespaces[0]", "grants[1].namespaces[0]"],
            id="twice",
        ),
        pytest.param(
            {
                "policies": ["default", "privileged"],
                "grants": [
                    {"policy": "privileged", "to": ["user:a"], "role": "default-psp"},
                    {"policy": "default", "to": ["node"], "role": "ours"},
                ],
            },
            ["grants[1].to[0]"],
            id="role",
        ),
    ],
)
def test_what_only_follows_waits(configure: Configure, values: dict[str, Any], told: list[str]) -> None:
    """What cannot be known before something else is mended is not held against anyone."""
    configure(**values)
    assert places() == told


@pytest.mark.parametrize(
    ("values", "times"),
    [
        pytest.param({"policies": ["default", "default", "privileged", "default"]}, 1, id="removals"),
        pytest.param(
            {"policies": ["default"], "grants": ["a", "b", {"policy": "default", "to": ["nodes"]}]}, 2, id="kinds"
        ),
        pytest.param(
            {
                "policies": ["default"],
                "grants": [{"policy": name, "to": ["nodes"]} for name in ("example", "restricted")],
            },
            1,
            id="presets",
        ),
        pytest.param(
            {
                "policies": ["default"],
                "admins": ["user:a", "user:a", "user:b", "user:b", "jane"],
                "grants": [{"polic": "default", "to": "nodes"}],
                "contxt": "prod",
            },
            1,
            id="mixed",
        ),
    ],
)
def test_all_commands_of_a_message_can_be_run_in_its_order(
    configure: Configure, values: dict[str, Any], times: int
) -> None:
    """No command moves what a later one counts on; what the examples double is told by a second message."""
    assert mend(configure(**values)) == times


def test_a_grant_in_an_empty_group_is_looked_at(configure: Configure) -> None:
    """It grants nothing yet, and is wrong all the same."""
    grant = {"policy": "defualt", "namespaces": ["none"], "to": ["service-accounts"]}
    configure(policies=["default"], namespaces={"none": []}, grants=[grant])
    assert places() == ["grants[0].policy"]


def test_a_fault_of_a_grant_in_many_namespaces_is_told_once(configure: Configure) -> None:
    """The places are those of the configuration."""
    namespaces = [f"n{index}" for index in range(5)]
    grant = {"policy": "defualt", "namespaces": ["all"], "to": ["service-accounts"]}
    configure(policies=["default"], namespaces={"all": namespaces}, grants=[grant])
    assert places() == ["grants[0].policy"]


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"policies": [f"none-{index}" for index in range(2000)]}, id="presets"),
        pytest.param({"policies": ["default"], "admins": list(range(2000))}, id="types"),
        pytest.param({"policies": ["default"], **{f"key{index}": "x" for index in range(2000)}}, id="keys"),
        pytest.param(
            {
                "policies": ["default"],
                "namespaces": {f"group-{index}": ["a"] for index in range(2000)},
                "grants": [{"policy": "default", "to": ["nodes"], "namespaces": ["x" * 5000]}] * 2000,
            },
            id="groups",
        ),
    ],
)
def test_a_message_ends(configure: Configure, values: dict[str, Any]) -> None:
    """It tells fifty faults and counts the rest."""
    configure(**values)
    told = refusal()
    assert told.splitlines()[-1] == "... and 1950 more"
    assert len(told) < 250_000


def test_a_long_value_and_a_long_key_are_cut(configure: Configure) -> None:
    """A line stays readable, and a command that is cut is not shown."""
    configure(**{"policies": ["x" * 10**6], "k" * 10**6: "y"})
    told = refusal()
    assert len(told) < 4000
    assert "mend it with: an editor; the command is too long to be shown" in told


def test_values_of_a_secret_are_not_kept_by_a_command(configure: Configure) -> None:
    """What is encrypted in the stack's file stands in no message."""
    configure(policies=["default"], admins=Secret("hunter2"))
    told = refusal()
    assert told.startswith("pod-security:admins: a secret; allowed: a list of subjects")
    assert "hunter2" not in told


def test_a_secret_key_is_renamed_where_it_stands(configure: Configure) -> None:
    """Below the top of a key too."""
    configure(policies=["default"], grants=Secret('[{"polic": "hunter2", "to": ["nodes"]}]'))
    told = refusal()
    assert "mend it with: pod-security:grants[0].polic renamed to pod-security:grants[0].policy in Pulumi." in told
    assert "hunter2" not in told

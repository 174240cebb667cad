"""`--explain`: every policy, and why it was passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.support.terminal import TREE, run, written


@pytest.fixture
def tree(tmp_path: Path) -> str:
    """A file with policies, RBAC and two workloads."""
    return written(tmp_path, TREE)


def explained(tree: str, workload: str) -> list[str]:
    """The lines about one workload."""
    lines = run("check", tree, "--explain", workload).stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if line.endswith("policy by policy:"))
    return lines[start:-1]


def test_a_refusal_is_walked_through(tree: str) -> None:
    """Every policy in order: who may use it by what and why it refuses, or that nobody asked may use it."""
    lines = explained(tree, "shop/Deployment/cart")
    assert lines[:2] == ["shop/Deployment/cart policy by policy:", "  1. default: passed over: refuses the pods"]
    assert lines[2].startswith(
        "       system:serviceaccount:kube-system:replicaset-controller may use it: group system:"
    )
    assert "ClusterRoleBinding default gives ClusterRole default, by rules[0]" in lines[2]
    assert lines[3].startswith("       spec.containers[0].securityContext.privileged: Invalid value: true: ")
    assert lines[4] == (
        "  2. privileged: passed over: neither system:serviceaccount:shop:default nor "
        "system:serviceaccount:kube-system:replicaset-controller may use it"
    )
    assert lines[5] == "       it would admit the pods as they are"


def test_the_chosen_policy_is_shown_with_what_it_writes(tree: str) -> None:
    """And one that may not be used with what it would have done."""
    lines = explained(tree, "web")
    assert lines[1] == "  1. default: chosen"
    assert '       writes spec.securityContext.seccompProfile.type: "RuntimeDefault"' in lines


def test_policies_behind_the_chosen_one_were_not_tried(tree: str) -> None:
    """A mutating policy before gives way; one behind is not looked at."""
    done = run("check", tree, "--explain", "web", "--policy", "example", "--policy", "unprivileged")
    assert "  1. default: passed over: it would change the pods, and example admits them as they are" in done.stdout
    assert "  2. example: chosen" in done.stdout
    assert "  3. privileged: not tried: example admits the pods as they are" in done.stdout
    assert "  4. unprivileged: not tried: example admits the pods as they are" in done.stdout


def test_the_first_of_two_changing_policies_wins(tree: str) -> None:
    """The second is passed over for its name."""
    done = run("check", tree, "--explain", "web", "--policy", "seccomppolicy")
    assert (
        "  3. seccomppolicy: passed over: it would change the pods, and default comes before it by name" in done.stdout
    )


@pytest.mark.parametrize("name", ["shop/Deployment/web", "deployment/web", "web"])
def test_a_workload_may_be_named_in_part(tree: str, name: str) -> None:
    """From the right, case left aside."""
    assert explained(tree, name)[0] == "shop/Deployment/web policy by policy:"


def test_an_unknown_workload_is_bad_usage(tree: str) -> None:
    """The ones there are get named."""
    done = run("check", tree, "--explain", "shop/Deployment/wep")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "did you mean 'shop/Deployment/web'?" in done.stderr

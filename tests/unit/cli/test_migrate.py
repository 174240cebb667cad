"""`pod-security migrate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_pod_security.cli.declared import Declared
from pulumi_pod_security.policy import presets
from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.rbac import account, binding, role, rule, user
from tests.unit.support.terminal import HOSTILE, TREE, deployment, run, written

GRANTS = [
    {"policy": "default", "to": ["authenticated"], "role": "default", "binding": "default"},
    {
        "policy": "privileged",
        "to": ["serviceaccount:shop/cart"],
        "namespace": "shop",
        "role": "privileged",
        "binding": "privileged",
    },
]


@pytest.fixture
def found(tmp_path: Path) -> str:
    """Two policies with a grant each, and a role for every policy."""
    granted = [*grant("default"), *grant("privileged", account("cart", "shop"), namespace="shop")]
    every = [role("every", rule()), binding("every", "every", user("jane"))]
    return written(tmp_path, [DEFAULT, PRIVILEGED, *granted, *every])


def test_what_is_left_comes_before_the_configuration(found: str) -> None:
    """And what is taken over can be pasted."""
    done = run("migrate", found)
    assert done.exit_code == 0
    head, _, config = done.stdout.partition("stack configuration:\n")
    assert "not taken over:" in head.splitlines()
    assert "  user jane may use every policy: ClusterRoleBinding every gives ClusterRole every, by rules[0]" in head
    assert head.splitlines()[-1] == "2 policies, 2 grants and 0 admins taken over, 1 not"
    assert yaml.safe_load(config)["config"]["pod-security:grants"] == GRANTS


def test_a_stack_file_declares_the_same(found: str, tmp_path: Path) -> None:
    """What is left stands in it as comments."""
    file = tmp_path / "Pulumi.prod.yaml"
    done = run("migrate", found, "--output", f"yaml={file}")
    assert done.exit_code == 0
    assert "stack configuration:" in done.stdout
    assert file.read_text().startswith("# not taken over:\n#   user jane may use every policy: ")
    declared = Declared.by_stack_file(str(file))
    assert declared.policies == (presets.default(), presets.privileged())
    assert [one.binding_name for one in declared.grants] == ["default", "privileged"]


def test_a_program_declares_the_same(found: str) -> None:
    """In the words of the package."""
    text = run("migrate", found, "--output", "python").stdout
    assert text.startswith("# not taken over:\n")
    assert "    ps.presets.default(),\n" in text
    assert "            ps.service_account('cart', 'shop'),\n" in text
    compile(text, "program", "exec")


def test_json_has_all_of_it(found: str) -> None:
    """For other programs."""
    told = json.loads(run("migrate", found, "--output", "json").stdout)
    assert told["config"] == {"pod-security:policies": ["default", "privileged"], "pod-security:grants": GRANTS}
    assert [one["why"] for one in told["notTakenOver"]] == [
        "its rule names no policies, so that it is for every one, now and later"
    ]
    assert (told["faults"], told["notes"]) == ([], [])


def test_what_cannot_be_read_is_told_and_ends_with_2(tmp_path: Path) -> None:
    """The rest is taken over all the same."""
    broken = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {"name": "b"}, "spec": {}}
    done = run("migrate", written(tmp_path, [DEFAULT, broken]))
    assert done.exit_code == 2
    assert "could not be read or used:\n" in done.stdout
    assert "1 policy, 0 grants and 0 admins taken over, 0 not" in done.stdout
    assert run("migrate").exit_code == 2


def test_names_of_others_stay_in_their_comments(tmp_path: Path) -> None:
    """Whatever they are, a file holds no line of theirs."""
    odd = f"x\nimport os\r{HOSTILE[:40]}"
    path = written(tmp_path, [DEFAULT, role("every", rule()), binding("every", "every", user(odd))])
    for form in ("yaml", "python"):
        text = run("migrate", path, "--output", form).stdout
        assert "\x1b" not in text
        assert "\nimport os" not in text
        assert "user 'x\\nimport os\\r" in text


def test_a_label_that_pulumi_takes_for_a_secret_is_told(tmp_path: Path) -> None:
    """A map with the key `secure` alone is an encrypted value to it."""
    manifest: dict[str, Any] = presets.default().to_manifest()
    manifest["metadata"]["labels"] = {"secure": "yes"}
    assert "take --output python: default\n" in run("migrate", written(tmp_path, [manifest])).stdout
    manifest["metadata"]["labels"] = {"secure": "yes", "other": "no"}
    assert "--output python" not in run("migrate", written(tmp_path, [manifest])).stdout


def test_levels_are_told_for_policies_and_namespaces(tmp_path: Path) -> None:
    """With what would change, and for whom."""
    call = {"name": "app", "image": "app", "livenessProbe": {"httpGet": {"host": "10.0.0.1", "port": 80}}}
    path = written(tmp_path, [*TREE, deployment("calls", containers=[call])])
    done = run("migrate", path).stdout
    for line in (
        "  default: nearest is baseline (differences by level: restricted 9, baseline 8, privileged 9)",
        "    privilege_escalation: newly allowed: containers that may escalate their privileges",
        "  privileged: nearest is privileged (differences by level: restricted 11, baseline 10, privileged 2)",
        "  no policy reads it, and baseline refuses it: probes and lifecycle hooks that call another host",
        "  shop: 3 workloads, the tightest level that admits all is privileged; nearest to its policies is baseline",
        "  privileged: nobody but system:masters may use it",
    ):
        assert f"{line}\n" in done
    broken = "    admitted by default and refused by baseline: shop/Deployment/calls: probe or lifecycle host"
    assert broken in done
    older = run("migrate", path, "--version", "v1.24").stdout
    assert "shop: 3 workloads" in older
    assert "refused by baseline" not in older


def test_json_has_levels_too(tmp_path: Path) -> None:
    """Of every level, with examples uncut."""
    told = json.loads(run("migrate", written(tmp_path, TREE), "--output", "json").stdout)
    default = next(one for one in told["policies"] if one["policy"] == "default")
    assert (default["nearest"], default["version"]) == ("baseline", "latest")
    assert {name: one["refusesNothingNew"] for name, one in default["levels"].items()} == {
        "restricted": False,
        "baseline": False,
        "privileged": True,
    }
    concerns = {one["concern"]: one for one in default["levels"]["privileged"]["concerns"]}
    assert concerns["host_namespaces"]["allowed"] == [
        {"what": "namespaces of the node", "examples": ["hostNetwork", "hostPID", "hostIPC"]}
    ]
    assert [one["path"][-1] for one in default["written"]][1] == "allowPrivilegeEscalation"
    assert [(one["namespace"], one["tightest"], one["nearest"]) for one in told["namespaces"]] == [
        ("shop", "privileged", "baseline")
    ]
    assert [one["policy"] for one in told["idle"]] == ["privileged"]


def test_a_version_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """Before anything is read."""
    done = run("migrate", str(tmp_path / "missing"), "--version", "1.25")
    assert done.exit_code == 2
    assert "allowed: 'latest' or a version such as 'v1.30'" in done.stderr
    assert "missing" not in done.stderr


def test_custom_resources_are_read_where_it_is_said_how(tmp_path: Path) -> None:
    """Else it is told that they were not, and there may be more to know."""
    rollout = {**deployment("roll"), "apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout"}
    path = written(tmp_path, [*TREE, rollout])
    unread = run("migrate", path)
    assert unread.exit_code == 2
    assert "add --template argoproj.io/Rollout=spec.template" in unread.stdout
    done = run("migrate", path, "--template", "argoproj.io/Rollout=spec.template")
    assert done.exit_code == 0
    assert "  shop: 3 workloads, " in done.stdout


def test_a_policy_counts_as_a_server_keeps_it(tmp_path: Path) -> None:
    """Which drops how /proc may be mounted; what is taken over has it still."""
    manifest: dict[str, Any] = presets.default().to_manifest()
    manifest["spec"]["allowedProcMountTypes"] = ["Unmasked"]
    told = run("migrate", written(tmp_path, [manifest])).stdout
    assert "proc_mount: newly refused" not in told
    assert "allowedProcMountTypes: [Unmasked]" in told

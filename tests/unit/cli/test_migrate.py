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
from tests.unit.support.terminal import HOSTILE, run, written

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
    assert head.splitlines()[0] == "not taken over:"
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

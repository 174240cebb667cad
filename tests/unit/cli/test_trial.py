"""Policies that are tried with everyone granted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.cli.trial import tried
from pulumi_pod_security.errors import Fault, UnknownPreset
from tests.unit.support.granting import DEFAULT, PRIVILEGED
from tests.unit.support.terminal import deployment, run, written


def test_only_the_policies_of_a_file_are_taken(tmp_path: Path) -> None:
    """The rest is left aside, and how much that is gets told."""
    file = written(tmp_path, [DEFAULT, deployment("web"), PRIVILEGED])
    given, notes = tried([], [file])
    kinds = [read.data["kind"] for read in given if isinstance(read, Document)]
    assert kinds == ["PodSecurityPolicy", "PodSecurityPolicy", "ClusterRole", "ClusterRoleBinding"]
    assert notes[0].startswith("assumed: everyone may use default, privileged")
    assert notes[1].startswith("of what --policies-from names, 1 object that is no policy was left aside")


def test_a_file_without_policies_is_a_fault(tmp_path: Path) -> None:
    """It was meant to have some."""
    given, notes = tried([], [written(tmp_path, [deployment("web")])])
    assert notes == ()
    assert [(read.path, read.value) for read in given if isinstance(read, Fault)] == [("--policies-from", "no policy")]


def test_another_kind_of_that_name_is_left_aside(tmp_path: Path) -> None:
    """A custom resource may be called like a policy, and is none."""
    given, notes = tried([], [written(tmp_path, [DEFAULT, {**PRIVILEGED, "apiVersion": "example.org/v1"}])])
    assert [read for read in given if isinstance(read, Fault)] == []
    assert notes[0].startswith("assumed: everyone may use default, because")
    assert notes[1] == "of what --policies-from names, 1 object that is no policy was left aside"


def test_nothing_named_is_nothing_assumed() -> None:
    """Without the options RBAC decides alone."""
    assert tried([], []) == ([], ())


def test_presets_are_those_there_are() -> None:
    """Another name is refused."""
    with pytest.raises(UnknownPreset):
        tried(["mine"], [])


def test_everyone_is_everyone_and_no_other_policy_is_given(tmp_path: Path) -> None:
    """The grant is for the tried policies only; a policy among the paths stays with its RBAC."""
    file = written(tmp_path, [PRIVILEGED, deployment("web", hostPID=True)])
    done = run("check", file, "--policies-from", written(tmp_path, [DEFAULT], "default.json"))
    assert done.exit_code == 1
    assert "    default: spec.securityContext.hostPID: Invalid value: true: " in done.stdout
    assert "may not use: privileged" in done.stdout


def test_a_policy_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    """The others are tried, and whatever is no policy and cannot be read is left aside."""
    objects = ["%s", DEFAULT, "%s"]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    for version, kind in (("policy/v1beta1", "PodSecurityPolicy"), ("v1", "ConfigMap")):
        broken = f'{{"apiVersion": "{version}", "kind": "{kind}", "metadata": {{"name": "a"}}, "x": {"1" * 5000}}}'
        text = text.replace('"%s"', broken, 1)
    file = tmp_path / "x.json"
    file.write_text(text)
    done = run("check", written(tmp_path, [deployment("web")]), "--policies-from", str(file))
    assert done.exit_code == 2
    assert f"  {file}.items[0]: " in done.stdout
    assert "admitted shop/Deployment/web by policy default (" in done.stdout
    assert "1 object that is no policy was left aside" in done.stdout + done.stderr

"""`pod-security render`: what a stack applies, as text, for every target and version."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from typer.testing import Result

import pulumi_pod_security as ps
from pulumi_pod_security.cli.declared import Declared
from pulumi_pod_security.cluster.levels import NamespaceLevels
from pulumi_pod_security.cluster.questions import Cluster
from pulumi_pod_security.policy.enforcement import CEL, PSP, Served, fault_of
from pulumi_pod_security.targets.psa import MODES
from pulumi_pod_security.testing import RecordingMonitor, record
from tests.unit.support.golden import GOLDEN, require_golden
from tests.unit.support.terminal import HOSTILE, run

TO_ALL = "{policy: restricted, to: [authenticated]}"
BOTH = ("--grant", "{policy: default, namespace: shop, to: [service-accounts]}", "--grant", TO_ALL)
PSA = ("--namespace", "shop", "--enforce", "baseline", "--warn", "restricted:latest")
RENDERED = {
    "psp-1.24": ("psp", "1.24", *BOTH),
    "psa-1.24": ("psa", "1.24", *PSA),
    "psa-1.30": ("psa", "1.30", *PSA),
    "psa-1.36": ("psa", "1.36", *PSA),
    "cel-1.30": ("cel", "1.30", *BOTH),
    "cel-1.30-deny": ("cel", "1.30", *BOTH, "--stage", "deny"),
    "cel-1.36": ("cel", "1.36", *BOTH),
    "cel-1.36-deny": ("cel", "1.36", *BOTH, "--stage", "deny", "--exempt", "kube-system", "--exempt", "mirror-pods"),
}
RBAC = ["ClusterRole", "ClusterRole", "RoleBinding", "ClusterRoleBinding"]
VALIDATING = ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]
MUTATING = ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"]


def render(target: str, version: str, *arguments: str) -> Result:
    """Run the command."""
    return run("render", "--target", target, "--server-version", version, *arguments)


def manifests(target: str, version: str, *arguments: str) -> list[Any]:
    """The documents on the standard output."""
    done = render(target, version, *arguments)
    assert done.exit_code == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def stack_file(folder: Path, **config: Any) -> str:
    """A stack's file with these keys."""
    file = folder / "Pulumi.prod.yaml"
    values = {f"pod-security:{key}": value for key, value in config.items()}
    file.write_text(yaml.safe_dump({"config": values}), encoding="utf-8")
    return str(file)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A policy that says false and nothing in so many words, grants of all kinds, and administrators."""
    own = ps.presets.default().to_manifest()
    own["metadata"] = {"name": "own", "annotations": {"description": "корзина " * 30}}
    own["spec"] |= {"hostPID": False, "privileged": False, "allowedProcMountTypes": ["Default"]}
    grants = [
        {"policy": "own", "namespaces": ["teams"], "to": ["service-accounts", "user:jane"]},
        {"policy": "privileged", "namespace": "kube-system", "to": ["nodes"]},
        {"policy": "restricted", "to": ["authenticated"]},
    ]
    return stack_file(
        tmp_path,
        policies=["privileged", own, "restricted"],
        grants=grants,
        namespaces={"teams": ["shop", "y"]},
        admins=["group:ops"],
    )


def baseline(file: str, enforcement: str) -> ps.PodSecurityBaseline:
    """What a stack with this file makes of it."""
    made = Declared.by_stack_file(file)
    args = ps.PodSecurityBaselineArgs(
        policies=made.policies, grants=made.grants, admins=made.admins, enforcement=enforcement
    )
    return ps.PodSecurityBaseline("baseline", args)


def applied(monitor: RecordingMonitor) -> list[dict[str, Any]]:
    """The objects that a program has applied; not the package's own resources, which are nothing on a server."""
    return [
        dict(each.inputs)
        for each in monitor.registrations.values()
        if each.custom and each.type.startswith("kubernetes:")
    ]


def by_name(objects: Sequence[dict[str, Any]]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """The objects by kind, namespace and name, each once."""
    found = {(each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each for each in objects}
    assert len(found) == len(objects)
    return found


@pytest.mark.parametrize("name", RENDERED)
def test_golden(name: str) -> None:
    """What is printed is what was reviewed; beside it only that no defaults are written is said."""
    done = render(*RENDERED[name])
    assert (done.exit_code, bool(done.stderr)) == (0, name.startswith("cel-1.30"))
    require_golden(f"render/{name}.yaml", done.stdout)


def test_there_is_no_other_golden_file() -> None:
    """A file that nothing writes any more is not left to be reviewed."""
    assert {path.name for path in (GOLDEN / "render").iterdir()} == {f"{name}.yaml" for name in RENDERED}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("psp-1.24", ["PodSecurityPolicy", "PodSecurityPolicy", *RBAC]),
        ("psa-1.30", ["Namespace"]),
        ("cel-1.30", [*RBAC, *VALIDATING]),
        ("cel-1.30-deny", [*RBAC, *VALIDATING]),
        ("cel-1.36", [*RBAC, *VALIDATING]),
        ("cel-1.36-deny", [*RBAC, *MUTATING, *VALIDATING]),
    ],
)
def test_documents_are_in_the_order_in_which_they_must_exist(name: str, kinds: list[str]) -> None:
    """Defaults are written where pods are refused, by servers that can."""
    assert [each["kind"] for each in manifests(*RENDERED[name])] == kinds


def test_psp_is_what_the_stack_applies(file: str) -> None:
    """Object by object, and nothing else."""
    monitor = record(lambda: baseline(file, PSP))
    assert by_name(manifests("psp", "1.24", "--stack-file", file)) == by_name(applied(monitor))


@pytest.mark.parametrize("stage", ["audit", "warn", "deny"])
@pytest.mark.parametrize("minor", [30, 36])
def test_cel_is_what_the_stack_applies(file: str, minor: int, stage: str) -> None:
    """Object by object, and nothing else, with the exemptions in the order in which they are given."""
    exemptions = ["mirror-pods", "kube-system"]

    def program() -> None:
        args = ps.CelEnablementArgs(
            baseline=baseline(file, CEL), mutates=minor >= 36, stage=stage, exemptions=exemptions
        )
        ps.CelEnablement("enforce", args)

    options = ["--stack-file", file, "--stage", stage, *(f"--exempt={each}" for each in exemptions)]
    assert by_name(manifests("cel", f"1.{minor}", *options)) == by_name(applied(record(program)))


@pytest.mark.parametrize("minor", [24, 30, 36])
def test_psa_has_the_labels_that_the_stack_applies(minor: int) -> None:
    """Pinned to the server's version where a level names none; each namespace once."""
    cluster = cast(Cluster, SimpleNamespace(version=SimpleNamespace(minor=minor), api=None))
    levels = {"enforce": "restricted", "audit": "restricted:latest", "warn": "baseline:v1.25"}
    labels = NamespaceLevels.of(cluster, {"manager": "m", "take_over": [], **levels}).labels
    options = [f"--{mode}={levels[mode]}" for mode in MODES]
    assert manifests("psa", f"v1.{minor}.3", "-n", "shop", "-n", "y", "-n", "shop", *options) == [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name in ("shop", "y")
    ]
    assert labels["pod-security.kubernetes.io/enforce-version"] == f"v1.{minor}"


@pytest.mark.parametrize("name", RENDERED)
def test_json_is_one_list_of_the_same(name: str) -> None:
    """A file gets what the standard output gets; nothing else is printed there."""
    done = render(*RENDERED[name], "--output", "json")
    found = json.loads(done.stdout)
    assert found == {"apiVersion": "v1", "kind": "List", "items": manifests(*RENDERED[name])}


def test_both_forms_at_once(tmp_path: Path) -> None:
    """One to a file."""
    file = tmp_path / "policies.json"
    done = render(*RENDERED["psp-1.24"], "--output", f"json={file}")
    assert json.loads(file.read_text())["items"] == list(yaml.safe_load_all(done.stdout))


@pytest.mark.parametrize("minor", [30, 35])
def test_where_no_defaults_are_written_it_is_said(minor: int) -> None:
    """On the standard error: what is piped is manifests alone."""
    done = render("cel", f"1.{minor}", *BOTH)
    assert done.stderr.startswith(f"note: Kubernetes v1.{minor} has no MutatingAdmissionPolicy in v1")
    assert "pods that rely on them are refused" in done.stderr
    assert "note" not in done.stdout


@pytest.mark.parametrize(
    ("target", "minor", "instead"), [("psp", 25, "psa"), ("psp", 30, "cel"), ("cel", 29, "psa"), ("psa", 22, "psp")]
)
def test_a_target_that_the_version_has_not_is_refused(target: str, minor: int, instead: str) -> None:
    """In the words of a stack, with what is possible, and the command for it."""
    done = render(target, f"1.{minor}", *BOTH)
    assert (done.stdout, done.exit_code) == ("", 2)
    fault = fault_of(target, Served.by_default(minor))
    assert fault
    lacking = fault.allowed[fault.allowed.index(" on Kubernetes") : fault.allowed.index("; mend")]
    assert f"--target: '{target}'; allowed: " in done.stderr
    mended = f"{lacking}; mend it with: pod-security render --target {instead} --server-version v1.{minor}"
    assert done.stderr.endswith(f"{mended}\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("pcp", "1.24"), "--target: 'pcp'; allowed: one of 'psp', 'psa', 'cel'; did you mean 'psp'?"),
        (("psp", "24"), "--server-version: '24'; allowed: a version such as 1.30, from 1.16 on"),
        (("psp", "1.15"), "--server-version: '1.15'"),
        (("psp", "2.30"), "--server-version: '2.30'"),
        (("psp", "1.24\n"), "--server-version: '1.24\\n'"),
        (("psp", "1.24"), "--stack-file: missing; allowed: this, or grants such as --grant '{policy"),
        (("psp", "1.24", "--policy", "default"), "nobody could use it; say who: --grant"),
        (("psp", "1.24", "--stack-file", "x", *BOTH), "give either this, or --policy and --grant"),
        (("psp", "1.24", "--stack-file", "/nowhere"), "--stack-file: '/nowhere'"),
        (
            ("psp", "1.24", *BOTH, "--stage", "deny"),
            "--stage: 'deny'; allowed: nothing for psp; it is for",
        ),
        (
            ("cel", "1.36", *BOTH, "-n", "shop"),
            "['shop']; allowed: nothing for cel; it is for --target psa",
        ),
        (("psa", "1.30", *PSA, *BOTH), "nothing for psa; it is for --target psp or cel"),
        (("psa", "1.30", *PSA, "--stack-file", ""), "--stack-file: ''; allowed: nothing for psa"),
        (
            ("cel", "1.36", *BOTH, "--stage", "dney"),
            "--stage: 'dney'; allowed: one of 'audit', 'warn', 'deny'",
        ),
        (("cel", "1.36", *BOTH, "--stage", ""), "--stage: ''; allowed: one of 'audit'"),
        (
            ("cel", "1.36", *BOTH, "--exempt", "default"),
            "--exempt: 'default'; allowed: one of 'kube-system', ",
        ),
        (("psa", "1.30", "--enforce", "baseline"), "--namespace: missing; allowed: one namespace or more"),
        (("psa", "1.30", "-n", "shop"), "--enforce: missing; allowed: this, --audit or --warn"),
        (("psa", "1.30", "-n", "Shop", "--warn", "baseline"), "--namespace: 'Shop'; allowed: at most 63"),
        (
            ("psa", "1.30", "-n", "shop", "--warn", "tight"),
            "--warn: 1 fault level: 'tight'; allowed: one of",
        ),
        (("psa", "1.30", "-n", "shop", "--audit", "baseline:1.30"), "version: '1.30'; allowed: 'latest' or a version"),
        (("psp", "1.24", *BOTH, "--output", "table"), "--output: 'table'; allowed: one of 'yaml', 'json'"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments: tuple[str, ...], said: str) -> None:
    """Nothing is printed, and what is wrong is said with what is allowed."""
    done = render(*arguments)
    assert (done.stdout, done.exit_code) == ("", 2)
    assert said in " ".join(done.stderr.replace("│", "").replace("pod-security:", "").split())


def test_more_policies_than_a_server_has_the_budget_for_are_refused(tmp_path: Path) -> None:
    """As by the stack, before anything is printed."""
    own = [{**ps.presets.default().to_manifest(), "metadata": {"name": f"own-{number}"}} for number in range(15)]
    done = render("cel", "1.36", "--stack-file", stack_file(tmp_path, policies=own))
    assert (done.stdout, done.exit_code) == ("", 2)
    assert "policies: 15; allowed: at most" in done.stderr


@pytest.mark.parametrize(
    "config",
    [
        {"policies": [{"kind": HOSTILE}]},
        {"policies": ["default"], "grants": [{"policy": HOSTILE, "to": ["authenticated"]}]},
        {"policies": ["default"], "grants": [{"policy": "default", "namespace": HOSTILE, "to": ["nodes"]}]},
        {"policies": ["default"], "grants": [{"policy": "default", "to": [HOSTILE]}]},
        {"policies": ["default"], "admins": [HOSTILE]},
        {"policies": ["default"], "namespaces": {HOSTILE: HOSTILE}},
    ],
    ids=["policy", "granted", "namespace", "subject", "admin", "group"],
)
@pytest.mark.parametrize("target", [("psp", "1.24"), ("cel", "1.36")])
def test_a_hostile_stack_file_writes_nothing_on_a_terminal(
    tmp_path: Path, target: tuple[str, str], config: dict[str, Any]
) -> None:
    """It is refused, or it is manifests that are nothing else to a terminal either."""
    done = render(*target, "--stack-file", stack_file(tmp_path, **config))
    assert (done.stdout, done.exit_code) == ("", 2)
    assert done.stderr.replace("\n", "").isprintable()
    assert "\u202e" not in done.stderr


def test_a_hostile_description_is_data(tmp_path: Path) -> None:
    """An annotation may say anything; it is printed as escapes and read back as it was."""
    own = ps.presets.default().to_manifest()
    own["metadata"] = {"name": "own", "annotations": {"description": f"{HOSTILE}\n---\nkind: Secret\n# "}}
    done = render("psp", "1.24", "--stack-file", stack_file(tmp_path, policies=[own]))
    (policy,) = yaml.safe_load_all(done.stdout)
    assert policy["metadata"] == own["metadata"]
    assert done.stdout.isascii()
    assert "\x1b" not in done.stdout

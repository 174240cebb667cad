"""`pod-security check` on files and the standard input."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.unit.support.granting import DEFAULT
from tests.unit.support.terminal import HOSTILE, TREE, deployment, run, written


@pytest.fixture
def tree(tmp_path: Path) -> str:
    """A file with policies, RBAC and two workloads."""
    return written(tmp_path, TREE)


def test_says_what_is_admitted_and_what_refused(tree: str) -> None:
    """Workloads come by name, with policy, changes and reasons; a refused one makes the exit code 1."""
    done = run("check", tree)
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    assert lines[0] == f"refused  shop/Deployment/cart (service account shop:default) {tree}.items[5]"
    assert lines[1].startswith("    default: spec.containers[0].securityContext.privileged: Invalid value: true: ")
    assert lines[2].startswith("    system:serviceaccount:shop:default and ")
    assert lines[2].endswith(" may not use: privileged")
    assert lines[3].startswith("admitted shop/Deployment/web by policy default (")
    assert "    writes spec.containers[0].securityContext.allowPrivilegeEscalation: false" in lines
    assert lines[-1] == "2 workloads: 1 admitted, 1 refused (of 6 documents, 2 policies, 2 RBAC objects)"


def test_all_admitted_is_0(tmp_path: Path) -> None:
    """CI goes on."""
    assert run("check", written(tmp_path, TREE[:5])).exit_code == 0


def test_reads_the_standard_input(tmp_path: Path) -> None:
    """`helm template | pod-security check -`, policies being in a file beside."""
    rules = written(tmp_path, TREE[:4])
    done = run("check", "-", rules, standard_input=json.dumps(deployment("piped")))
    assert done.exit_code == 0
    assert "admitted shop/Deployment/piped by policy default (service account shop:default) stdin" in done.stdout


def test_the_order_of_what_is_given_changes_nothing(tmp_path: Path) -> None:
    """Two runs can be compared line by line."""
    one, two = written(tmp_path, TREE[:3], "a.json"), written(tmp_path, TREE[3:], "b.json")
    assert run("check", one, two).stdout == run("check", two, one).stdout


def test_what_cannot_be_read_is_listed_and_is_2(tmp_path: Path, tree: str) -> None:
    """The rest is judged all the same, and a refusal does not hide that the run is incomplete."""
    broken = tmp_path / "broken.yaml"
    broken.write_text("kind: [\n")
    done = run("check", tree, str(broken))
    assert done.exit_code == 2
    assert f"could not be read or used:\n  {broken}, line " in done.stdout
    assert "2 workloads: 1 admitted, 1 refused" in done.stdout
    assert "1 faulty document" in done.stdout


def test_custom_resources_are_listed_until_their_template_is_named(tmp_path: Path) -> None:
    """Never silent, and no pass; the option that judges them is told."""
    rollout = {**deployment("canary"), "apiVersion": "argoproj.io/v1", "kind": "Rollout"}
    file = written(tmp_path, [*TREE[:4], rollout])
    done = run("check", file)
    assert done.exit_code == 2
    assert "not judged:" in done.stdout
    assert "argoproj.io/Rollout=spec.template" in done.stdout
    judged = run("check", file, "--template", "argoproj.io/Rollout=spec.template")
    assert judged.exit_code == 0
    assert "admitted shop/Rollout/canary by policy default" in judged.stdout
    assert "not judged:" not in judged.stdout


def test_custom_resources_without_pods_do_no_harm(tmp_path: Path) -> None:
    """They are listed, and the run is complete."""
    issuer = {"apiVersion": "cert-manager.io/v1", "kind": "Issuer", "metadata": {"name": "a"}, "spec": {}}
    done = run("check", written(tmp_path, [*TREE[:5], issuer]))
    assert done.exit_code == 0
    assert "not judged:" in done.stdout


@pytest.mark.parametrize(
    ("option", "instead"),
    [
        ("argoproj.io/Rollout", "group, kind and path, such as argoproj.io/Rollout=spec.template"),
        ("a.io/v1/B=spec", "group and kind, without the version between them: 'a.io/B'"),
        ("a.io/B=.spec", "a path without a dot at its beginning: 'spec'"),
    ],
)
def test_a_template_that_cannot_be_is_refused_in_the_options_words(tree: str, option: str, instead: str) -> None:
    """What is shown can be typed."""
    refused = run("check", tree, "--template", option)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert f"--template: {option!r}; allowed: {instead}" in refused.stderr


def test_the_author_of_bare_pods_counts(tmp_path: Path) -> None:
    """A pod without a controller is judged by the rights of whoever is named."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug"}, "spec": {"containers": []}}
    rules = [DEFAULT, *_to_jane()]
    file = written(tmp_path, [*rules, pod])
    assert run("check", file).exit_code == 1
    assert run("check", file, "--author", "user:jane").exit_code == 0
    assert run("check", file, "--author", "jane").exit_code == 2


def test_the_namespace_of_what_names_none(tmp_path: Path) -> None:
    """As with kubectl; a word that can be no namespace is refused."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "debug"}, "spec": {"containers": []}}
    file = written(tmp_path, [*TREE[:4], pod])
    assert "tools/Pod/debug" in run("check", file, "-n", "tools").stdout
    refused = run("check", file, "--namespace", "No Such")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "--namespace: 'No Such'; allowed: at most 63 of" in refused.stderr


def test_nothing_to_read_is_bad_usage() -> None:
    """It does not wait for a standard input that nobody asked for."""
    done = run("check")
    assert done.exit_code == 2
    assert "give files, folders, - for the standard input, or --cluster" in done.stderr


def test_no_policies_are_no_verdict(tmp_path: Path) -> None:
    """What could not be read is told besides: the policies may have been there."""
    done = run("check", written(tmp_path, [deployment("web")]), str(tmp_path / "policies.yaml"))
    assert (done.exit_code, done.stdout) == (2, "")
    assert "policies: missing; allowed: at least one PodSecurityPolicy: " in done.stderr
    assert "policies.yaml: 'No such file or directory'" in done.stderr


def test_policies_without_rbac_admit_nothing_and_the_way_out_is_told(tmp_path: Path) -> None:
    """Nobody may use them."""
    done = run("check", written(tmp_path, [DEFAULT, deployment("web")]))
    assert done.exit_code == 1
    assert "no RBAC was given, so that nobody but system:masters may use a policy" in done.stdout


def test_an_empty_result_says_so(tmp_path: Path) -> None:
    """A chart whose templates are all switched off is no fault, and is not taken for a good one."""
    done = run("check", written(tmp_path, TREE[:4]))
    assert done.exit_code == 0
    assert "nothing that was read creates pods" in done.stdout


def test_json_holds_everything_and_nothing_else(tree: str) -> None:
    """What a program reads is on the standard output alone, whole."""
    done = run("check", tree, "--output", "json")
    assert (done.exit_code, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert [(found["name"], found["admitted"], found["policy"]) for found in report["workloads"]] == [
        ("cart", False, None),
        ("web", True, "default"),
    ]
    assert report["workloads"][0]["message"].startswith('pods "cart-" is forbidden: PodSecurityPolicy: unable to admit')
    assert (report["counts"]["admitted"], report["counts"]["refused"]) == (1, 1)


def test_files_are_written_beside_the_table(tree: str, tmp_path: Path) -> None:
    """CI keeps the files, people read the table."""
    done = run("check", tree, "--output", f"junit={tmp_path / 'o.xml'}", "--output", f"json={tmp_path / 'o.json'}")
    assert done.stdout == run("check", tree).stdout
    suite = ElementTree.parse(tmp_path / "o.xml").getroot()[0]
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    assert json.loads((tmp_path / "o.json").read_text())["counts"]["refused"] == 1


def test_files_get_no_colours(tree: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where colours are forced upon the terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = run("check", tree, "--output", f"table={tmp_path / 'table.txt'}")
    assert "\x1b" not in (tmp_path / "table.txt").read_text()
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize("form", ["table", "json", "junit"])
def test_hostile_names_are_harmless(tmp_path: Path, form: str) -> None:
    """A name neither colours, moves nor floods a terminal, and one of another alphabet stays readable."""
    file = written(tmp_path, [*TREE[:4], deployment(HOSTILE), deployment("корзина", "магазин")])
    shown = run("check", file, "--output", form, "--explain", HOSTILE).stdout
    assert "[red]" in shown
    assert "магазин/Deployment/корзина" in shown or form == "json"
    assert "корзина" in shown
    assert [found for found in shown if not found.isprintable() and found != "\n"] == []
    if form == "table":
        assert max(map(len, shown.splitlines())) < 2100


def test_presets_can_be_tried(tmp_path: Path) -> None:
    """A chart without policies is tried against presets, with everyone granted, which is said."""
    file = written(tmp_path, [deployment("web")])
    done = run("check", file, "--policy", "restricted", "--policy", "privileged")
    assert done.exit_code == 0
    assert "admitted shop/Deployment/web by policy privileged" in done.stdout
    assert "assumed: everyone may use restricted, privileged" in done.stdout
    wrong = run("check", file, "--policy", "privilegd")
    assert wrong.exit_code == 2
    assert "did you mean 'privileged'?" in wrong.stderr


def _to_jane() -> list[dict[str, object]]:
    from tests.unit.support.granting import grant

    group = "rbac.authorization.k8s.io"
    return grant("default", {"apiGroup": group, "kind": "User", "name": "jane"})

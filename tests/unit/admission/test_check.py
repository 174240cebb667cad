"""The one call: everything that is given ends as a verdict, a count or a fault."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_pod_security.admission import evaluate
from pulumi_pod_security.admission.check import check
from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.documents import Document
from pulumi_pod_security.admission.findings import Report
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.identity import Identity
from pulumi_pod_security.policy.subjects import user
from tests.unit.support.granting import DEFAULT, PRIVILEGED, grant
from tests.unit.support.objects import cron_job, owner, pod, pod_spec

Object = dict[str, Any]
CUSTOM: Object = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Rollout",
    "metadata": {"name": "r"},
    "spec": {"template": {"spec": pod_spec()}},
}
ROOT = {"containers": [{"name": "a", "image": "b", "securityContext": {"privileged": True}}]}
VERSIONS = {"CronJob": "batch/v1", "Job": "batch/v1", "Pod": "v1", "ReplicationController": "v1"}


def of(kind: str, data: Object, version: str | None = None) -> Object:
    """The object with its kind."""
    return {"apiVersion": version or VERSIONS.get(kind, "apps/v1"), "kind": kind, **data}


def lines(report: Report) -> list[str]:
    """Every workload with its verdict, in short."""
    return [f"{found.workload} {found.policy}" for found in report.workloads]


def faults(report: Report) -> list[str]:
    """Every fault, as it is shown."""
    return [str(fault) for fault in report.faults]


def test_says_who_is_admitted_by_what_and_how_changed() -> None:
    """Every workload in order, with policy, changes and reasons."""
    given = [DEFAULT, *grant("default"), of("Deployment", owner("cart")), of("Deployment", owner("bad", spec=ROOT))]
    report = check(given)
    bad, cart = report.workloads
    assert (str(cart.workload), cart.admitted, cart.policy, cart.where) == (
        "shop/Deployment/cart",
        True,
        "default",
        "objects[3]",
    )
    assert "spec.containers[0].securityContext.allowPrivilegeEscalation: false" in map(str, cart.changes)
    assert not any("kubernetes.io/psp" in str(change) for change in cart.changes)
    assert (bad.admitted, bad.policy, bad.changes, report.refused) == (False, None, (), (bad,))
    assert [reason.path for reason in bad.reasons] == ["spec.containers[0].securityContext.privileged"]
    assert (report.faults, report.policies) == ((), ("default",))


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(of(kind, owner("a", replicas=0)), f"shop/{kind}/a default", id=kind)
        for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController")
    ]
    + [
        pytest.param(of("CronJob", cron_job("a")), "shop/CronJob/a default", id="CronJob"),
        pytest.param(of("CronJob", cron_job("a"), "batch/v1beta1"), "shop/CronJob/a default", id="CronJob-v1beta1"),
        pytest.param(of("Pod", pod("a")), "shop/Pod/a default", id="Pod"),
        pytest.param(
            of("Pod", {"metadata": {"generateName": "a-"}, "spec": pod_spec()}),
            "default/Pod/a- default",
            id="generated",
        ),
    ],
)
def test_judges_every_kind(data: Object, line: str) -> None:
    """Whatever creates pods."""
    assert lines(check([DEFAULT, *grant("default"), data])) == [line]


def test_everything_is_counted_once() -> None:
    """Nothing is passed over in silence."""
    over = of("Job", {**owner("once"), "status": {"conditions": [{"type": "Complete", "status": "True"}]}})
    given: list[Any] = [
        *(DEFAULT, PRIVILEGED, *grant("default"), of("Deployment", owner("a")), of("Pod", pod("b"))),
        *(over, of("Pod", pod("c", phase="Failed")), CUSTOM, {**CUSTOM, "kind": "Workflow"}),
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "shop"}},
        *({"apiVersion": "v1", "kind": "Service"}, {"apiVersion": "v1", "kind": "Service"}, 5, {"kind": "Pod"}),
    ]
    counts = check(given).counts
    assert (counts.workloads, counts.over, counts.policies, counts.rbac, counts.accounts) == (2, 2, 2, 2, 1)
    assert (counts.others, counts.unread, counts.faulty, counts.repeated) == ({"Service": 2}, 2, 2, 0)
    assert counts.documents == len(given)


def test_a_custom_resource_is_named_with_what_to_add() -> None:
    """One line for a kind, with the path where its pods seem to be."""
    report = check([CUSTOM, CUSTOM, {"apiVersion": "a.example/v1", "kind": "Zebra"}])
    assert [str(unread) for unread in report.unread] == [
        "objects[2]: a.example/Zebra is no kind of Kubernetes' own and was not judged",
        "objects[0]: argoproj.io/Rollout is no kind of Kubernetes' own and was not judged (2 of them); it seems to "
        "embed pods, to judge them add --template argoproj.io/Rollout=spec.template",
    ]


def test_a_custom_resource_is_judged_where_it_is_pointed_at() -> None:
    """By group, kind and path."""
    report = check([DEFAULT, *grant("default"), CUSTOM], templates={"argoproj.io/Rollout": "spec.template"})
    assert (lines(report), report.unread) == (["default/Rollout/r default"], ())
    with pytest.raises(InvalidInput, match="templates"):
        check([], templates={"Rollout": "spec"})


def test_a_policy_a_server_would_refuse_is_a_fault_and_the_rest_is_judged() -> None:
    """It names the file, the field and what is allowed."""
    wrong = {**PRIVILEGED, "spec": {**PRIVILEGED["spec"], "runAsUser": {"rule": "Nobody"}}}
    report = check([DEFAULT, *grant("default"), wrong, of("Pod", pod("a"))])
    assert lines(report) == ["shop/Pod/a default"]
    assert faults(report)[0].startswith("objects[3]: spec.runAsUser.rule: 'Nobody'; allowed: one of")
    assert report.policies == ("default",)


def test_a_policy_of_the_old_group_and_of_a_server_is_read() -> None:
    """What a server adds to its metadata is no fault."""
    metadata = {**DEFAULT["metadata"], "uid": "1", "creationTimestamp": None, "managedFields": []}
    report = check([{**DEFAULT, "apiVersion": "extensions/v1beta1", "metadata": metadata}])
    assert (report.policies, report.faults) == (("default",), ())


def test_of_two_policies_of_a_name_the_later_counts() -> None:
    """As with kubectl, and it is told; the same one twice is not."""
    open_default = {**PRIVILEGED, "metadata": DEFAULT["metadata"]}
    report = check([DEFAULT, open_default, *grant("default"), of("Pod", pod("a", spec=ROOT))])
    assert lines(report) == ["shop/Pod/a default"]
    assert faults(report) == [
        "objects[0]: 'default'; allowed: each policy once; objects[1] is another of this name, and as the later of "
        "the two it counts"
    ]
    assert check([DEFAULT, DEFAULT]).faults == ()


def test_faults_of_rbac_are_among_the_faults() -> None:
    """A role that grants nothing because it cannot be read is told."""
    role, binding = grant("default")
    report = check([DEFAULT, {**role, "rules": 5}, binding])
    assert faults(report) == ["objects[1]: ClusterRole.rules: 5; allowed: a list, or nothing"]


def test_the_author_brings_rights_for_bare_pods() -> None:
    """A pod that nobody owns is created by whoever is said to."""
    jane = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}
    given = [DEFAULT, *grant("default", jane), of("Pod", pod("a")), of("Deployment", owner("b"))]
    assert lines(check(given)) == ["shop/Deployment/b None", "shop/Pod/a None"]
    assert lines(check(given, author=Identity(user="jane"))) == ["shop/Deployment/b None", "shop/Pod/a default"]
    assert lines(check(given, author="user:jane")) == lines(check(given, author=user("jane")))
    assert lines(check(given, author=user("jane"))) == ["shop/Deployment/b None", "shop/Pod/a default"]
    with pytest.raises(InvalidInput, match="author: 5; allowed: user"):
        check(given, author=5)  # type: ignore[arg-type]


def test_nothing_to_judge_by_is_a_fault() -> None:
    """The refusals say nothing then."""
    report = check([of("Pod", pod("a"))])
    assert faults(report)[0].startswith("policies: missing; allowed: at least one PodSecurityPolicy")
    assert report.incomplete
    assert not check([DEFAULT, of("Pod", pod("a"))]).incomplete


def test_a_namespace_for_what_names_none() -> None:
    """Workloads, roles and service accounts alike."""
    bare = of("Deployment", {"metadata": {"name": "a"}, "spec": {"template": {"spec": pod_spec()}}})
    binding = grant("default", namespace="ops")[1]
    del binding["metadata"]["namespace"]
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    quiet = {**account, "automountServiceAccountToken": False}
    report = check([DEFAULT, grant("default")[0], binding, bare, quiet], namespace="ops")
    assert lines(report) == ["ops/Deployment/a default"]
    spec = report.workloads[0].verdict.pod.spec
    assert spec is not None
    assert spec.volumes is None
    assert lines(check([DEFAULT, *grant("default", namespace="ops"), bare])) == ["default/Deployment/a None"]


def test_pods_of_a_listed_workload_are_counted_and_not_listed() -> None:
    """A ReplicaSet and its pods repeat their Deployment; a pod that differs does not."""
    controlled = [{"kind": "ReplicaSet", "name": "cart-1", "controller": True}]
    replica_set = of("ReplicaSet", owner("cart-1"))
    replica_set["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "cart", "controller": True}]
    pods = [of("Pod", pod(f"cart-1-{index}", ownerReferences=controlled)) for index in range(3)]
    other = of("Pod", pod("cart-1-9", spec=pod_spec(hostPID=True), ownerReferences=controlled))
    report = check([*pods, other, replica_set, of("Deployment", owner("cart"))])
    assert [str(found.workload) for found in report.workloads] == ["shop/Deployment/cart", "shop/Pod/cart-1-9"]
    assert (report.counts.repeated, report.counts.workloads) == (4, 6)
    assert [str(found.workload) for found in check(pods).workloads] == ["shop/Pod/cart-1-0"]


def test_broken_entries_of_a_list_are_named_and_the_rest_is_judged(tmp_path: Path) -> None:
    """File and index of each."""
    items = [
        of("Pod", pod("a")),
        5,
        of("Pod", {"metadata": {"name": "b"}}),
        of("Pod", pod("c", spec={"containers": 5})),
    ]
    items += [
        of("Pod", pod("d", spec=pod_spec(hostPID="x"))),
        of("Deployment", {"metadata": {}, "spec": {}}),
        of("Pod", pod("e")),
    ]
    (tmp_path / "list.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    report = check([tmp_path, DEFAULT, *grant("default")])
    place = f"{tmp_path}/list.json.items"
    assert [(str(found.workload), found.where) for found in report.workloads] == [
        ("shop/Pod/a", f"{place}[0]"),
        ("shop/Pod/e", f"{place}[6]"),
    ]
    assert [fault.split(";")[0] for fault in faults(report)] == [
        f"{place}[1]: 5",
        f"{place}[2]: missing",
        f"{place}[3].spec.containers: 5",
        f"{place}[4].spec.hostPID: 'x'",
        f"{place}[5].spec: missing",
    ]


def test_one_thing_needs_no_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path, an object, a policy, or what is piped in."""
    (tmp_path / "a.yaml").write_text(json.dumps(of("Pod", pod("a"))))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(of("Pod", pod("b"))).encode())))
    for given, count in ((str(tmp_path), 1), (tmp_path / "a.yaml", 1), (of("Pod", pod("a")), 1), ("-", 1)):
        assert check(given).counts.workloads == count
    assert check(presets.default()).policies == ("default",)


def test_what_is_too_deep_is_a_fault() -> None:
    """What could be parsed may still be too deep to be walked through."""
    steps: Any = pod_spec()
    for _ in range(5000):
        steps = [steps]
    gathering = Gathering(namespace="default", author=None, templates={"argoproj.io/Rollout": "spec"})
    gathering.add(Document(where="x", data={**CUSTOM, "spec": steps}))
    report = gathering.report()
    assert faults(report) == ["x: 'too many levels'; allowed: lists and mappings of some hundred levels"]
    assert (report.counts.faulty, report.counts.documents) == (1, 1)


def test_a_thousand_equal_templates_cost_one_judgement(monkeypatch: pytest.MonkeyPatch) -> None:
    """And each is listed."""
    calls: list[object] = []

    def counted(*given: Any) -> Any:
        calls.append(given)
        return choose(*given)

    monkeypatch.setattr(evaluate, "choose", counted)
    report = check([DEFAULT, *grant("default"), *(of("Deployment", owner(f"a{index}")) for index in range(1000))])
    assert (len(report.workloads), len(calls)) == (1000, 1)


@pytest.mark.parametrize("form", ["yaml", "list"])
def test_memory_does_not_grow_with_the_number_of_documents(tmp_path: Path, form: str) -> None:
    """Ten times the pods of one owner take less than one and a half times the memory."""
    file = tmp_path / "pods.yaml"

    def peak(count: int) -> int:
        padding = "\n".join(f"        - {{name: E{index}, value: '{'x' * 60}'}}" for index in range(40))
        text = (
            "apiVersion: v1\n  kind: Pod\n  metadata: {{name: a{0}, namespace: shop, ownerReferences: "
            "[{{kind: ReplicaSet, name: a, controller: true}}]}}\n  spec:\n    containers:\n      - name: a\n"
            "        env:\n" + padding.replace("{", "{{").replace("}", "}}") + "\n"
        )
        parts = (text.format(index) for index in range(count))
        if form == "list":
            file.write_text("apiVersion: v1\nitems:\n" + "".join("- " + part for part in parts) + "kind: List\n")
        else:
            file.write_text("".join("---\n" + part.replace("\n  ", "\n") for part in parts))
        size = file.stat().st_size
        tracemalloc.start()
        assert check(file).counts.workloads == count
        measured = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # The text of one document is held, and a list is one; what is made of it is not.
        return measured - (3 * size if form == "list" else 0)

    assert peak(300) < 1.5 * peak(30) + 300 * 4096

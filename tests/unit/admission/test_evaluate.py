"""Verdicts on workloads, and how often they are worked out."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission import evaluate, rbac
from pulumi_pod_security.admission.chooser import choose
from pulumi_pod_security.admission.defaulting import ServiceAccount
from pulumi_pod_security.admission.evaluate import Evaluator
from pulumi_pod_security.admission.manifests import TemplateOwner
from pulumi_pod_security.admission.workloads import Workload, of_owner
from pulumi_pod_security.errors import InvalidInput
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.policy.profiles import SECCOMP
from tests.unit.support.controls import a_policy
from tests.unit.support.granting import DEFAULT, grant
from tests.unit.support.objects import owner, pod_spec

PRIVILEGED: dict[str, Any] = {"containers": [{"name": "a", "image": "b", "securityContext": {"privileged": True}}]}


def workload(name: str = "cart", namespace: str = "shop", kind: str = "Deployment", **spec: Any) -> Workload:
    """What an object with this pod spec creates."""
    found = of_owner(kind, msgspec.convert(owner(name, namespace, spec=pod_spec(**spec)), TemplateOwner))
    assert found is not None
    return found


def evaluator(**accounts: ServiceAccount) -> Evaluator:
    """The default policy, for everyone; service accounts of namespace `shop`."""
    access = rbac.Rbac(rbac.read((f"r[{index}]", data) for index, data in enumerate(grant("default"))))
    known = {("shop", name): account for name, account in accounts.items()}
    return Evaluator([PodSecurityPolicy.from_manifest(DEFAULT)], access, accounts=known)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every time that the chooser is asked."""
    calls: list[object] = []

    def counted(*arguments: Any) -> Any:
        calls.append(arguments)
        return choose(*arguments)

    monkeypatch.setattr(evaluate, "choose", counted)
    return calls


def test_admits_with_the_policy_and_its_mark() -> None:
    """The verdict's pod bears the workload's names and labels, and what the policy writes."""
    verdict = evaluator().judge(workload())
    assert (verdict.admitted, verdict.policy, verdict.message) == (True, "default", None)
    metadata = verdict.pod.metadata
    assert metadata is not None
    assert (metadata.generate_name, metadata.namespace, metadata.labels) == ("cart-", "shop", {"app": "cart"})
    assert verdict.pod.annotations["kubernetes.io/psp"] == "default"


def test_refuses_in_words_that_name_the_pod() -> None:
    """The sentence is the server's, and of two equal workloads each has its own name in it."""
    judge = evaluator().judge
    said = [judge(workload(name, **PRIVILEGED)).message for name in ("cart", "till")]
    assert said == [
        f'pods "{name}-" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.'
        "privileged: Invalid value: true: Privileged containers are not allowed]"
        for name in ("cart", "till")
    ]


def test_equal_templates_are_judged_once(asked: list[object]) -> None:
    """A thousand workloads that differ in name and labels only cost one judgement."""
    judge = evaluator().judge
    verdicts = [judge(workload(f"cart-{number}")) for number in range(1000)]
    assert len(asked) == 1
    assert {verdict.policy for verdict in verdicts} == {"default"}


def test_a_running_pod_puts_its_templates_question(asked: list[object]) -> None:
    """What the server fills in, and what tells the pods of a StatefulSet apart, decides nothing."""
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}
    template = workload(volumes=[claim])
    running = {
        "containers": [{"name": "app", "image": "app@sha256:1", "volumeMounts": [], "ports": []}],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-7"}}],
        "serviceAccount": "default",
        "serviceAccountName": "default",
        "securityContext": {},
        "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists"}],
        "terminationGracePeriodSeconds": 30,
        "activeDeadlineSeconds": 5,
    }
    judge = evaluator().judge
    judge(template)
    judge(dataclasses.replace(template, pod={**template.pod, "spec": running}))
    assert len(asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(workload(namespace="ops"), id="namespace"),
        pytest.param(workload(kind="DaemonSet"), id="creator"),
        pytest.param(workload(serviceAccountName="cart"), id="account"),
        pytest.param(workload(hostPID=True), id="spec"),
        pytest.param(
            dataclasses.replace(
                workload(), pod={**workload().pod, "metadata": {"annotations": {"a": "b"}, "namespace": "shop"}}
            ),
            id="annotations",
        ),
    ],
)
def test_what_may_decide_is_asked_anew(asked: list[object], other: Workload) -> None:
    """Namespace, identities, spec and annotations make another question."""
    judge = evaluator().judge
    judge(workload())
    judge(other)
    assert len(asked) == 2


def test_a_service_account_may_keep_its_token() -> None:
    """Its token is a volume, which a policy without such volumes would refuse."""
    projected = [volume.name for volume in evaluator().judge(workload()).pod.spec.volumes or ()]  # type: ignore[union-attr]
    kept = evaluator(default=ServiceAccount(automount_service_account_token=False)).judge(workload())
    assert projected == ["kube-api-access-xxxxx"]
    assert kept.pod.spec is not None
    assert kept.pod.spec.volumes is None


def test_policies_are_as_a_server_keeps_them() -> None:
    """Without the gate ProcMountType a server drops what a policy allows of it."""
    access = rbac.Rbac(rbac.read((f"r[{index}]", data) for index, data in enumerate(grant("tried"))))
    open_policy = a_policy(allowedProcMountTypes=["Unmasked"], privileged=True, volumes=["*"])
    unmasked = workload(containers=[{"name": "a", "securityContext": {"procMount": "Unmasked"}}])
    assert not Evaluator([open_policy], access).judge(unmasked).admitted


def test_a_pod_of_wrong_types_is_refused_before() -> None:
    """An API server would not take it."""
    with pytest.raises(InvalidInput, match=r"shop/Deployment/cart.spec.hostPID: 'x'; allowed: true or false"):
        evaluator().judge(workload(hostPID="x"))


def test_where_nothing_is_written_a_pod_must_say_it_all() -> None:
    """An update is looked at so: what only fits with a default is refused, and a profile in a field is no default."""
    access = rbac.Rbac(rbac.read((f"r[{index}]", data) for index, data in enumerate(grant("default"))))
    policy = a_policy("default", {SECCOMP.allowed: "*"}, volumes=["*"], readOnlyRootFilesystem=True)
    judged = Evaluator([policy], access, operation="UPDATE")
    assert judged.judge(workload()).admitted is False
    read_only = {"name": "a", "image": "b", "securityContext": {"readOnlyRootFilesystem": True}}
    profile = {"seccompProfile": {"type": "RuntimeDefault"}}
    assert judged.judge(workload(containers=[read_only], securityContext=profile)).admitted is True

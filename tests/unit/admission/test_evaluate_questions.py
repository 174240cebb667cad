"""Workloads that differ in anything a policy reads put different questions, whoever asked before."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import msgspec
import pytest

from pulumi_pod_security.admission import rbac
from pulumi_pod_security.admission.evaluate import Evaluator, Question
from pulumi_pod_security.admission.manifests import TemplateOwner
from pulumi_pod_security.admission.workloads import Workload, of_owner
from pulumi_pod_security.errors import InvalidInput
from tests.unit.support.controls import a_policy
from tests.unit.support.granting import grant
from tests.unit.support.objects import owner, pod_spec

_HOST = [{"name": "host", "hostPath": {"path": "/var/log"}}]
_CLAIM = [{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}]
_SECCOMP = "seccomp.security.alpha.kubernetes.io/pod"


def _workload(annotations: dict[str, str] | None = None, **spec: Any) -> Workload:
    data = owner("cart", spec=pod_spec(**spec))
    data["spec"]["template"]["metadata"]["annotations"] = annotations
    found = of_owner("Deployment", msgspec.convert(data, TemplateOwner))
    assert found is not None
    return found


def _evaluator(**spec: Any) -> Evaluator:
    access = rbac.Rbac(rbac.read((f"r[{index}]", data) for index, data in enumerate(grant("tried"))))
    return Evaluator(
        [a_policy(**{"volumes": ["projected"], "runAsUser": {"rule": "MustRunAsNonRoot"}, **spec})], access
    )


def _mounting(*, read_only: bool) -> Workload:
    mounts = [{"name": "host", "mountPath": "/log", "readOnly": read_only}]
    return _workload(volumes=_HOST, containers=[{"name": "app", "volumeMounts": mounts}])


@pytest.mark.parametrize(
    ("policy", "admitted", "refused"),
    [
        pytest.param({}, _workload(), _workload(volumes=_HOST), id="a volume"),
        pytest.param(
            {"volumes": ["projected", "persistentVolumeClaim"]},
            _workload(volumes=_CLAIM),
            _workload(volumes=_HOST),
            id="the kind of a volume",
        ),
        pytest.param(
            {"volumes": ["projected", "configMap"]},
            _workload(volumes=[{"name": "data", "configMap": {"name": "data"}}]),
            _workload(volumes=_CLAIM),
            id="a claim",
        ),
        pytest.param(
            {"volumes": ["*"], "allowedHostPaths": [{"pathPrefix": "/var", "readOnly": True}]},
            _mounting(read_only=True),
            _mounting(read_only=False),
            id="a mount",
        ),
        pytest.param(
            {},
            _workload(containers=[{"name": "app", "ports": [{"containerPort": 80}]}]),
            _workload(containers=[{"name": "app", "ports": [{"containerPort": 80, "hostPort": 80}]}]),
            id="a port",
        ),
        pytest.param({}, _workload(), _workload(securityContext={"runAsUser": 0}), id="the pod's security"),
        pytest.param({}, _workload({"a": "b"}), _workload({_SECCOMP: "unconfined"}), id="an annotation"),
    ],
)
def test_what_a_policy_reads_decides(policy: dict[str, Any], admitted: Workload, refused: Workload) -> None:
    """Each gets its own answer, whichever comes first."""
    for pair in permutations([(admitted, True), (refused, False)]):
        judge = _evaluator(**policy).judge
        assert [judge(workload).admitted for workload, _ in pair] == [expected for _, expected in pair]


def test_a_refusal_is_told_whole() -> None:
    """The name at its beginning is another for each workload; the same words further on are the pod's own."""
    path = "/ is forbidden: x"
    asked = _workload(volumes=[{"name": "host", "hostPath": {"path": path}}])
    message = _evaluator(volumes=["*"], allowedHostPaths=[{"pathPrefix": "/var"}]).judge(asked).message
    assert message == (
        'pods "cart-" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.volumes[0].hostPath.pathPrefix: '
        f'Invalid value: "{path}": is not allowed to be used]'
    )


def test_a_question_that_cannot_be_put_names_the_pod() -> None:
    """Whoever asks says where the pod is; else it is the pod."""
    wrong = _workload(hostPID="x")
    with pytest.raises(InvalidInput, match=r"^pod: 1 fault\n  pod\.spec\.hostPID: 'x'; "):
        Question.of(wrong)
    with pytest.raises(InvalidInput, match=r"^here: 1 fault\n  here\.spec\.hostPID: 'x'; "):
        Question.of(wrong, "here")

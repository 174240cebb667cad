"""Verdicts of the Pod Security Standards, and which updates are judged."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.admission.standards import (
    Standard,
    StandardVerdict,
    against_standard,
    is_significant,
    judge,
)
from pulumi_pod_security.controls.check import Refusal
from pulumi_pod_security.errors import InvalidInput, InvalidStandard
from tests.unit.support.controls import a_container, a_pod

_RESTRICTED: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [a_container(allowPrivilegeEscalation=False, capabilities={"drop": ["ALL"]})],
}


@pytest.mark.parametrize(
    ("level", "version", "faults"),
    [
        ("root", "latest", ["level: 'root'; allowed: one of 'privileged', 'baseline', 'restricted'"]),
        ("baseline", "1.30", ["version: '1.30'; allowed: 'latest' or a version such as 'v1.30'"]),
        ("baseline", "v1.030", ["version: 'v1.030'; allowed: 'latest' or a version such as 'v1.30'"]),
        ("baseline", "v1.3.1", ["version: 'v1.3.1'; allowed: 'latest' or a version such as 'v1.30'"]),
        (
            "Baseline",
            "v2.0",
            [
                "level: 'Baseline'; allowed: one of 'privileged', 'baseline', 'restricted'; did you mean 'baseline'?",
                "version: 'v2.0'; allowed: 'latest' or a version such as 'v1.30'",
            ],
        ),
        ("baseline", 30, ["version: 30; allowed: 'latest' or a version such as 'v1.30'"]),
    ],
)
def test_there_is_no_such_standard(level: Any, version: Any, faults: list[str]) -> None:
    """Every fault is told, with what may stand there."""
    with pytest.raises(InvalidStandard, match=r"^standard: \d fault") as caught:
        Standard(level=level, version=version)
    assert [str(fault) for fault in caught.value.faults] == faults


@pytest.mark.parametrize(
    ("version", "minor"), [("latest", 36), ("v1.0", 0), ("v1.7", 7), ("v1.36", 36), ("v1.37", 36), ("v1.100", 36)]
)
def test_versions(version: str, minor: int) -> None:
    """What is newer than we know is judged by the newest we know, under its own name."""
    standard = Standard(level="baseline", version=version)
    assert (standard.minor, str(standard)) == (minor, f"baseline:{version}")


def test_latest_is_the_default() -> None:
    """As for a namespace without the label."""
    assert str(Standard(level="restricted")) == "restricted:latest"


def test_a_pod_that_is_refused() -> None:
    """Each check that refuses it has its reason and its detail, baseline's first."""
    pod = a_pod(hostPID=True, securityContext={"runAsNonRoot": True}, containers=[a_container(privileged=True)])
    verdict = judge(pod, Standard(level="restricted", version="v1.7"))
    assert verdict == StandardVerdict(
        standard=Standard(level="restricted", version="v1.7"),
        refusals=(
            Refusal(reason="host namespaces", detail="hostPID=true"),
            Refusal(reason="privileged", detail='container "main" must not set securityContext.privileged=true'),
        ),
    )
    assert not verdict.admitted
    assert verdict.message == (
        'violates PodSecurity "restricted:v1.7": host namespaces (hostPID=true), privileged '
        '(container "main" must not set securityContext.privileged=true)'
    )


@pytest.mark.parametrize("level", ["privileged", "baseline", "restricted"])
def test_a_pod_that_all_admit(level: Any) -> None:
    """Nothing is against it, and nothing is said."""
    verdict = judge(a_pod(**_RESTRICTED), Standard(level=level))
    assert (verdict.admitted, verdict.refusals, verdict.message) == (True, (), None)


def test_privileged_admits_everything() -> None:
    """Whatever the version."""
    standard = Standard(level="privileged", version="v1.30")
    assert judge(a_pod(hostPID=True), standard) == StandardVerdict(standard=standard, refusals=())


def test_a_manifest_is_judged_as_the_server_makes_it() -> None:
    """A port in the node's network is a port of the node."""
    spec = {"hostNetwork": True, "containers": [{"name": "main", "ports": [{"containerPort": 80}]}]}
    found = against_standard({"spec": spec}, Standard(level="baseline"))
    assert [refusal.reason for refusal in found.refusals] == ["host namespaces", "hostPort"]


def test_a_manifest_with_a_wrong_type() -> None:
    """No API server would take it."""
    with pytest.raises(InvalidInput, match=r"pod\.spec\.hostPID: 'yes'; allowed: true or false"):
        against_standard({"spec": {"hostPID": "yes"}}, Standard(level="baseline"))


def _pod(**lists: Any) -> Any:
    return a_pod(**{"containers": [{"name": "a", "image": "1"}], **lists})


_TWO = [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]
SIGNIFICANT = [
    pytest.param(_pod(containers=[{"name": "a", "image": "2"}]), _pod(), id="an image"),
    pytest.param(_pod(containers=[{"name": "a"}]), _pod(), id="no image any more"),
    pytest.param(
        _pod(initContainers=_TWO),
        _pod(initContainers=[_TWO[0], {"name": "b", "image": "2"}]),
        id="of an init container",
    ),
    pytest.param(_pod(containers=_TWO), _pod(), id="one more"),
    pytest.param(_pod(initContainers=_TWO[:1]), _pod(), id="an init container"),
    pytest.param(_pod(), _pod(initContainers=_TWO[:1]), id="an init container less"),
    pytest.param(_pod(ephemeralContainers=_TWO), _pod(ephemeralContainers=_TWO[1:]), id="a debugger"),
    pytest.param(_pod(ephemeralContainers=[{"name": "a"}]), _pod(), id="a debugger without an image"),
    pytest.param(
        _pod(ephemeralContainers=_TWO),
        _pod(ephemeralContainers=[{"name": "b", "image": "1"}, {"name": "a", "image": "2"}]),
        id="a debugger's image",
    ),
]
INSIGNIFICANT = [
    pytest.param(_pod(), _pod(), id="nothing"),
    pytest.param(_pod(annotations={"a": "b"}), _pod(), id="an annotation"),
    pytest.param(_pod(tolerations=[{}]), _pod(), id="a toleration"),
    pytest.param(_pod(containers=[{"name": "b", "image": "1"}]), _pod(), id="a name"),
    pytest.param(_pod(containers=[]), a_pod(containers=None), id="no containers"),
    pytest.param(_pod(containers=[{"name": "a", "image": ""}]), _pod(containers=[{"name": "a"}]), id="no image"),
    pytest.param(_pod(), _pod(ephemeralContainers=_TWO), id="a debugger less"),
    pytest.param(
        _pod(ephemeralContainers=[{"name": "a", "image": ""}]),
        _pod(ephemeralContainers=[{"name": "a"}]),
        id="none there",
    ),
    pytest.param(
        _pod(ephemeralContainers=[{"name": "a"}]),
        _pod(ephemeralContainers=[{"name": "a"}]),
        id="no image of a debugger",
    ),
    pytest.param(_pod(containers=[{"name": "a"}]), _pod(containers=[{"name": "a"}]), id="still no image"),
    pytest.param(_pod(ephemeralContainers=_TWO), _pod(ephemeralContainers=_TWO[::-1]), id="another order"),
]


@pytest.mark.parametrize(("pod", "old"), SIGNIFICANT)
def test_significant(pod: Any, old: Any) -> None:
    """Images, the number of containers and new debuggers."""
    assert is_significant(pod, old)


@pytest.mark.parametrize(("pod", "old"), INSIGNIFICANT)
def test_insignificant(pod: Any, old: Any) -> None:
    """All else, whatever it is."""
    assert not is_significant(pod, old)

"""A baseline put on a cluster: in order, again after a kill, and never over what is somebody else's."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Refused
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.rescue import NotOurs, apply
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, nodes, service_accounts
from pulumi_pod_security.targets.psp import Manifest, psp_manifests
from tests.unit.support.applying import Applying
from tests.unit.support.world import kubeconfig, served

TO_SYSTEM = Grant(policy="privileged", namespace="kube-system", subjects=[nodes(), service_accounts()])
BASELINE = psp_manifests([presets.privileged()], [TO_SYSTEM])
RBAC = "/apis/rbac.authorization.k8s.io/v1"
PATHS = [
    "/apis/policy/v1beta1/podsecuritypolicies/privileged",
    f"{RBAC}/clusterroles/privileged-psp",
    f"{RBAC}/namespaces/kube-system/rolebindings/privileged-psp-nodes",
]


@pytest.fixture
def cluster() -> Iterator[Applying]:
    """A cluster with the plugin on and nothing there."""
    world = Applying()
    with served(world):
        yield world


def applied(world: Applying) -> list[str]:
    """What became of each object."""
    api = Connection(kubeconfig=kubeconfig(world.address)).open()
    return [found.outcome for found in apply(api, BASELINE)]


def changed(kind: str, **more: Any) -> Manifest:
    """One object of the baseline, with other content."""
    (found,) = [copy.deepcopy(manifest) for manifest in BASELINE if manifest["kind"] == kind]
    return {**found, **more}


def test_policies_then_roles_then_bindings(cluster: Applying) -> None:
    """Server-side apply, under our own name, forcing nothing."""
    assert applied(cluster) == ["created", "created", "created"]
    assert cluster.applied == PATHS
    patches = [call for call in cluster.calls if call.method == "PATCH"]
    assert all(call.query == {"fieldManager": "pod-security"} for call in patches)
    assert all(call.header("Content-Type") == ["application/apply-patch+yaml"] for call in patches)
    assert [call.body for call in patches] == list(BASELINE)


def test_a_second_time_nothing_is_written(cluster: Applying) -> None:
    """All of it is there."""
    applied(cluster)
    cluster.applied.clear()
    assert applied(cluster) == ["there already"] * 3
    assert cluster.applied == []


def test_a_run_that_ended_half_way_is_finished(cluster: Applying) -> None:
    """What it did is there already."""
    cluster.refusing.add(PATHS[1])
    with pytest.raises(Refused):
        applied(cluster)
    cluster.refusing.clear()
    assert applied(cluster) == ["there already", "created", "created"]


def test_what_others_put_there_counts_when_it_says_the_same(cluster: Applying) -> None:
    """It stays theirs."""
    cluster.have(*BASELINE)
    assert applied(cluster) == ["there already"] * 3
    assert cluster.applied == []


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        pytest.param(
            {**presets.default().to_manifest(), "metadata": {"name": "privileged"}},
            "PodSecurityPolicy/privileged differs in privileged, ",
            id="policy",
        ),
        pytest.param(changed("ClusterRole", rules=[]), "ClusterRole/privileged-psp differs in rules", id="role"),
        pytest.param(
            changed("ClusterRole", aggregationRule={}),
            "ClusterRole/privileged-psp differs in aggregationRule",
            id="aggregated",
        ),
        pytest.param(
            changed("RoleBinding", subjects=[]),
            "RoleBinding/kube-system/privileged-psp-nodes differs in subjects",
            id="binding",
        ),
    ],
)
def test_what_differs_and_is_not_ours_stays(cluster: Applying, theirs: Manifest, said: str) -> None:
    """It is named, and not one object is written, not even those before it."""
    cluster.have(theirs)
    with pytest.raises(NotOurs) as refused:
        applied(cluster)
    assert said in str(refused.value)
    assert "nothing was written" in str(refused.value)
    assert cluster.applied == []


def test_what_an_earlier_rescue_put_there_is_changed(cluster: Applying) -> None:
    """It is ours, and other options mean another content."""
    cluster.have(changed("ClusterRole", rules=[]), manager="pod-security")
    assert applied(cluster) == ["created", "changed", "created"]


def test_a_binding_to_another_role_cannot_be_changed(cluster: Applying) -> None:
    """The server would say so only after policies and roles were written."""
    theirs = changed("RoleBinding", roleRef={"apiGroup": "x", "kind": "ClusterRole", "name": "other"})
    cluster.have(theirs, manager="pod-security")
    with pytest.raises(NotOurs, match="differs in roleRef, which no update can change"):
        applied(cluster)
    assert cluster.applied == []

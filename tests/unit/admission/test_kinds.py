"""Every object has a sort, and a misspelt workload is a fault and not something else."""

from __future__ import annotations

import pytest

from pulumi_pod_security.admission.kinds import group_kind, sort_of
from pulumi_pod_security.errors import InvalidInput


@pytest.mark.parametrize(
    ("version", "kind", "sort"),
    [
        ("v1", "Pod", "workload"),
        ("v1", "ReplicationController", "workload"),
        ("apps/v1", "Deployment", "workload"),
        ("apps/v1beta1", "Deployment", "workload"),
        ("extensions/v1beta1", "DaemonSet", "workload"),
        ("apps/v1", "ReplicaSet", "workload"),
        ("apps/v1", "StatefulSet", "workload"),
        ("batch/v1", "Job", "workload"),
        ("batch/v1", "CronJob", "workload"),
        ("batch/v1beta1", "CronJob", "workload"),
        ("policy/v1beta1", "PodSecurityPolicy", "policy"),
        ("extensions/v1beta1", "PodSecurityPolicy", "policy"),
        ("rbac.authorization.k8s.io/v1", "Role", "rbac"),
        ("rbac.authorization.k8s.io/v3", "Rolle", "rbac"),
        ("v1", "ServiceAccount", "account"),
        ("v1", "PodTemplate", "other"),
        ("v1", "Service", "other"),
        ("policy/v1", "PodDisruptionBudget", "other"),
        ("autoscaling/v2", "HorizontalPodAutoscaler", "other"),
        ("networking.k8s.io/v1", "Ingress", "other"),
        ("argoproj.io/v1alpha1", "Rollout", "template"),
        ("argoproj.io/v1alpha1", "Workflow", "unknown"),
        ("authorization.openshift.io/v1", "Role", "unknown"),
        ("apps.openshift.io/v1", "Deployment", "unknown"),
        ("foo/v1", "Deployment", "unknown"),
    ],
)
def test_a_sort_by_version_and_kind(version: str, kind: str, sort: str) -> None:
    """Group and version count, not the kind alone."""
    assert sort_of(version, kind, "x", {"argoproj.io/Rollout": "spec.template"}) == sort


@pytest.mark.parametrize(
    ("version", "kind", "message"),
    [
        ("v1", "Deployment", "x.apiVersion: 'v1'; allowed: for a Deployment one of 'apps/v1', "),
        ("apps/v2", "Deployment", "x.apiVersion: 'apps/v2'; allowed: for a Deployment one of 'apps/v1', "),
        ("apps/v1", "Deploymnt", "x.kind: 'Deploymnt'; allowed: a kind of apps/v1; did you mean 'Deployment'?"),
        ("v1", "pod", "x.kind: 'pod'; allowed: a kind of v1; did you mean 'Pod'?"),
        ("batch/v1", "Zzz", "x.kind: 'Zzz'; allowed: a kind of batch/v1, such as 'Job'"),
    ],
)
def test_what_kubernetes_does_not_have_is_a_fault(version: str, kind: str, message: str) -> None:
    """Its place, what stands there and what was meant."""
    with pytest.raises(InvalidInput) as refusal:
        sort_of(version, kind, "x", ())
    (fault,) = refusal.value.faults
    assert str(fault).startswith(message)


def test_group_and_kind_in_one_word() -> None:
    """The core group has no name."""
    assert group_kind("v1", "Pod") == "Pod"
    assert group_kind("apps/v1", "Deployment") == "apps/Deployment"

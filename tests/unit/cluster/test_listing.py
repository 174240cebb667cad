"""One table of what is listed."""

from __future__ import annotations

from pulumi_pod_security.admission.kinds import sort_of
from pulumi_pod_security.cluster.listing import ACCESS, WORKLOADS, Resource


def test_workloads_are_what_a_file_would_call_workloads() -> None:
    """Everything that is listed as one is judged as one, in every version."""
    versions = [(resource.kind, version) for resource in WORKLOADS for version in (resource.version, resource.older)]
    assert {sort_of(version, kind, "x", ()) for kind, version in versions if version} == {"workload"}
    assert {sort_of(resource.version, resource.kind, "x", ()) for resource in ACCESS} == {"policy", "rbac", "account"}


def test_pods_come_last() -> None:
    """Their templates are there before them."""
    assert [resource.kind for resource in WORKLOADS][-1] == "Pod"


def test_a_list_has_a_path() -> None:
    """The core group has one of its own."""
    assert Resource(version="v1", kind="Pod", name="pods").path == "/api/v1/pods"
    assert Resource(version="apps/v1", kind="Deployment", name="deployments").path == "/apis/apps/v1/deployments"

"""What a workload's controller adds to its template, and workloads that create nothing any more."""

from __future__ import annotations

from typing import Any

from pulumi_pod_security.cluster.inventory import workloads
from tests.unit.support.objects import owner
from tests.unit.support.world import World


def test_a_statefulset_has_the_volumes_of_its_claims(world: World) -> None:
    """A policy without persistentVolumeClaim would refuse its pods, so its claims are part of what is asked."""
    stateful: dict[str, Any] = owner("db")
    stateful["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    world.lists["/apis/apps/v1/statefulsets"] = [stateful]
    (found,) = workloads(world.cluster().api)
    assert {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}} in found.pod["spec"]["volumes"]


def test_a_finished_job_is_no_workload(world: World) -> None:
    """A Job that came to its end creates no more pods; one that is suspended may."""
    ended: dict[str, Any] = {**owner("once"), "status": {"conditions": [{"type": "Complete", "status": "True"}]}}
    waiting: dict[str, Any] = {**owner("later"), "status": {"conditions": [{"type": "Suspended", "status": "True"}]}}
    world.lists["/apis/batch/v1/jobs"] = [ended, waiting]
    assert [found.name for found in workloads(world.cluster().api)] == ["later"]

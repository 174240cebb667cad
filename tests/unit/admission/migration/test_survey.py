"""Workloads between policies and levels."""

from __future__ import annotations

from typing import Any

from pulumi_pod_security.admission.documents import documents
from pulumi_pod_security.admission.gathering import Gathering
from pulumi_pod_security.admission.migration import Survey, Surveyed
from tests.unit.support.objects import metadata, pod_spec
from tests.unit.support.terminal import PRIVILEGED_CONTAINER, TREE, deployment


def surveyed(*objects: dict[str, Any], version: str = "latest") -> tuple[Surveyed, ...]:
    """What a survey finds."""
    survey = Survey(version=version)
    gathering = Gathering(namespace="default", author=None, templates={}, watch=survey.see)
    for read in documents(objects):
        gathering.add(read)
    return survey.result(gathering.evaluator())


def calling(host: str) -> dict[str, Any]:
    """A container whose probe calls a host."""
    return {"name": "app", "image": "app", "livenessProbe": {"httpGet": {"host": host, "port": 80}}}


def pod(name: str, **spec: Any) -> dict[str, Any]:
    """A pod that a ReplicaSet made."""
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "1", "controller": True}
    own = {**metadata(name, "shop"), "ownerReferences": [owner]}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": own, "spec": pod_spec(**spec)}


def test_each_workload_has_its_policy_and_its_levels() -> None:
    """By name; what no policy lets in has none."""
    cart, web = surveyed(*TREE)
    assert (str(cart.workload), cart.policy, cart.passes("baseline"), cart.passes("privileged")) == (
        "shop/Deployment/cart",
        None,
        False,
        True,
    )
    assert (str(web.workload), web.policy, web.passes("restricted"), web.passes("baseline")) == (
        "shop/Deployment/web",
        "default",
        False,
        True,
    )
    assert [one.reason for one in cart.refusals["baseline"]] == ["privileged"]


def test_what_no_policy_reads_is_read_for_the_levels() -> None:
    """Probes, and the version counts."""
    one = deployment("web", containers=[calling("10.0.0.1")])
    assert not surveyed(one)[0].passes("baseline")
    assert surveyed(one, version="v1.33")[0].passes("baseline")


def test_owned_objects_are_told_where_they_differ() -> None:
    """A pod like its owner is not; one with another probe is, though to policies it is the same."""
    found = surveyed(deployment("web"), pod("web-1-a"), pod("web-1-b", containers=[calling("10.0.0.1")]))
    assert [str(one.workload) for one in found] == ["shop/Deployment/web", "shop/Pod/web-1-b"]
    both = surveyed(pod("b", containers=[PRIVILEGED_CONTAINER]), pod("a", containers=[PRIVILEGED_CONTAINER]))
    assert [str(one.workload) for one in both] == ["shop/Pod/a"]

"""Lists that hold something else than Kubernetes' objects: one error that names the list, never a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_pod_security.cluster.api import ClusterError
from pulumi_pod_security.cluster.connection import Connection
from pulumi_pod_security.cluster.inventory import workloads
from tests.unit.support.objects import cron_job, metadata, owner, pod, pod_spec
from tests.unit.support.standin import Call, Reply, serving
from tests.unit.support.world import World, kubeconfig

DEPLOYMENTS = "/apis/apps/v1/deployments"
STATEFUL_SETS = "/apis/apps/v1/statefulsets"
CRON_JOBS = "/apis/batch/v1/cronjobs"
PODS = "/api/v1/pods"
SPECS = [
    pytest.param(pod_spec(volumes=[3]), id="volume"),
    pytest.param(pod_spec(volumes=3), id="volumes"),
    pytest.param(pod_spec(volumes=[{"name": 3}]), id="volume-name"),
    pytest.param({"containers": 3}, id="containers"),
    pytest.param({"containers": [None]}, id="container"),
    pytest.param(pod_spec(initContainers=[3]), id="init-container"),
    pytest.param({"containers": [{"volumeMounts": [3]}]}, id="mount"),
    pytest.param(pod_spec(nodeName={}), id="node"),
    pytest.param(pod_spec(serviceAccountName=[]), id="account"),
]


def refusal(world: World, path: str, found: Any) -> str:
    """The words with which an object of a list is refused."""
    world.lists[path] = [found]
    with pytest.raises(ClusterError) as error:
        workloads(world.cluster().api)
    return str(error.value)


@pytest.mark.parametrize(
    ("path", "found", "place"),
    [
        pytest.param(DEPLOYMENTS, None, "", id="null"),
        pytest.param(DEPLOYMENTS, {**owner("a"), "metadata": None}, "`$.metadata`", id="metadata"),
        pytest.param(DEPLOYMENTS, {**owner("a"), "spec": None}, "`$.spec`", id="spec"),
        pytest.param(
            DEPLOYMENTS, {"metadata": metadata("a"), "spec": {"template": None}}, "`$.spec.template`", id="template"
        ),
        pytest.param(
            DEPLOYMENTS,
            {"metadata": metadata("a"), "spec": {"template": {"spec": None}}},
            "`$.spec.template.spec`",
            id="template-spec",
        ),
        pytest.param(CRON_JOBS, {**cron_job("a"), "spec": {"jobTemplate": None}}, "`$.spec.jobTemplate`", id="job"),
        pytest.param(PODS, {**pod("a"), "metadata": None}, "`$.metadata`", id="pod-metadata"),
        pytest.param(PODS, {**pod("a"), "spec": None}, "`$.spec`", id="pod-spec"),
        pytest.param(PODS, {**pod("a"), "status": None}, "`$.status`", id="pod-status"),
        pytest.param(PODS, pod("a", labels={"a": 3}), "`$.metadata.labels", id="label"),
    ],
)
def test_an_object_without_its_parts_is_one_error(world: World, path: str, found: Any, place: str) -> None:
    """The error names the list and the part that is not there."""
    words = refusal(world, path, found)
    assert words.startswith(f"{world.address}: the answer to GET {path} is not what an API server says: ")
    assert place in words


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("path", [DEPLOYMENTS, STATEFUL_SETS, CRON_JOBS, PODS])
def test_a_pods_spec_of_wrong_types_is_one_error(world: World, path: str, spec: dict[str, Any]) -> None:
    """What is read of a pod's spec has the types that Kubernetes gives it, in a template as in a pod."""
    found = owner("a", spec=spec) if path != PODS else pod("a", spec=spec)
    found["spec"]["volumeClaimTemplates"] = [{"metadata": {"name": "data"}}]
    if path == CRON_JOBS:
        found = {"metadata": metadata("a"), "spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    assert "in a pod's spec: " in refusal(world, path, found)


def test_lists_of_a_pods_spec_may_be_null(world: World) -> None:
    """Go writes a list that is nil as null, which is no fault."""
    world.lists[PODS] = [pod("a", spec={"volumes": None, "containers": None, "initContainers": None})]
    (workload,) = workloads(world.cluster().api)
    assert workload.pod["spec"] == {"volumes": [], "containers": [], "initContainers": []}


def test_a_list_whose_items_are_null_is_empty() -> None:
    """The same holds for a list of objects."""
    with serving(lambda _: Reply(body={"items": None})) as address:
        assert workloads(Connection(kubeconfig=kubeconfig(address)).open()) == ()


@pytest.mark.parametrize("depth", [2000, 100_000])
def test_what_is_nested_too_deeply_is_one_error(depth: int) -> None:
    """An object deeper than Python reads is no object."""
    item = json.dumps(pod("a", spec=pod_spec(x="?"))).replace('"?"', "[" * depth + "]" * depth)

    def answer(call: Call) -> Reply:
        return Reply(body=b'{"items": [%s]}' % item.encode() if call.path == PODS else b"{}")

    with serving(answer) as address, pytest.raises(ClusterError, match=f"the answer to GET {PODS} is not what"):
        workloads(Connection(kubeconfig=kubeconfig(address)).open())

"""Preflight as a whole: the server's version, our rights, and that nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_pod_security.cluster.api import Unreachable
from pulumi_pod_security.cluster.preflight import READ_RIGHTS, preflight, require_psp, require_rights
from pulumi_pod_security.cluster.questions import WORKERS, Cluster
from pulumi_pod_security.cluster.refusal import PreflightRefused
from pulumi_pod_security.controls.seccomp import POD_KEY
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.profiles import SECCOMP
from tests.unit.support.controls import a_policy
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import TO_ALL, TO_NODES, in_force, planned, refusal
from tests.unit.support.world import World

DEPLOYMENTS = "/apis/apps/v1/deployments"


def test_lets_an_empty_cluster_through(world: World) -> None:
    """With policies and grants in force and nothing running there is nothing to refuse."""
    plan = planned(TO_ALL, TO_NODES)
    in_force(world, plan)
    preflight(world.cluster(), plan)


def test_changes_nothing(world: World) -> None:
    """Preflight reads and reviews; it never creates, not even in a dry run."""
    plan = planned(TO_ALL)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner("cart")]
    preflight(world.cluster(), plan)
    posted = {call.path.rpartition("/")[2] for call in world.calls if call.method != "GET"}
    assert posted == {"subjectaccessreviews", "selfsubjectaccessreviews"}


@pytest.mark.parametrize("minor", ["25", "30+"])
def test_a_server_without_psp_is_one_sentence(world: World, minor: str) -> None:
    """1.25 and later are refused before anything else is asked."""
    world.version = {"major": "1", "minor": minor, "gitVersion": f"v1.{minor}.1"}
    words = refusal(world, planned(TO_ALL))
    assert words == (
        f"the server at {world.address} runs Kubernetes v1.{minor}.1, and PodSecurityPolicy was removed in 1.25: "
        "nothing was created; use Pod Security Standards or CEL admission there"
    )
    assert [call.path for call in world.calls] == ["/version"]


@pytest.mark.parametrize("enforcement", ["cel", "psa"])
def test_without_psp_the_same_is_proven(world: World, enforcement: str) -> None:
    """Grants must be in force and workloads admitted, in the same words; policies as objects are not asked for."""
    plan = planned(TO_NODES, enforcement=enforcement)
    in_force(world, plan)
    # Not even one that others left behind, which nothing reads any more.
    world.put(presets.example())
    world.uses.add(("system:authenticated", "example", None))
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    world.denied = {("list", "podsecuritypolicies")}
    world.lists[DEPLOYMENTS] = [owner("cart")]
    assert refusal(world, plan).startswith(
        "1 of 1 workloads would not be admitted; enforcement was not touched\n  shop/Deployment/cart"
    )
    preflight(world.cluster(), planned(TO_ALL, enforcement=enforcement, pending=frozenset({"ClusterRole/default-psp"})))
    world.uses.clear()
    assert "system:nodes may not use policy privileged in namespace kube-system" in refusal(world, plan)
    assert world.asked("/apis/policy/v1beta1/podsecuritypolicies") == []


def test_without_defaults_who_relies_on_them_is_named_first(world: World) -> None:
    """With what its manifest has to say; where defaults are written it is let through."""
    careful = a_policy("default", volumes=["*"], readOnlyRootFilesystem=True)
    declared: dict[str, Any] = {"policies": [careful], "enforcement": "cel"}
    in_force(world, planned(TO_ALL, **declared))
    world.version = {"major": "1", "minor": "30", "gitVersion": "v1.30.14"}
    own = {"securityContext": {"readOnlyRootFilesystem": True}}
    world.lists[DEPLOYMENTS] = [
        owner("able", spec=pod_spec(containers=[{"name": "a", "image": "b", **own}])),
        owner("bad", spec=pod_spec(hostPID=True)),
        owner("cart"),
    ]
    words = refusal(world, planned(TO_ALL, **declared, mutates=False))
    told = [line.split()[0] for line in words.splitlines() if line.startswith("  shop/")]
    assert told == ["shop/Deployment/cart", "shop/Deployment/bad"]
    assert "default: set what nothing writes on this server: spec.containers[0]" in words
    assert "readOnlyRootFilesystem" in words
    assert "Deployment/cart" not in refusal(world, planned(TO_ALL, **declared))


def test_who_is_exempt_is_not_judged(world: World) -> None:
    """By namespace here; everything else is."""
    in_force(world, planned(enforcement="cel"))
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    world.lists[DEPLOYMENTS] = [owner("dns", "kube-system"), owner("cart")]
    words = refusal(world, planned(enforcement="cel", exemptions=frozenset({"kube-system"})))
    assert "shop/Deployment/cart" in words
    assert "dns" not in words


def test_an_annotation_that_nobody_reads_any_more_counts_for_nothing(world: World) -> None:
    """A pod with a profile in an annotation alone runs without it, and is refused; the plugin took it."""
    asking = a_policy("default", {SECCOMP.allowed: "runtime/default"}, volumes=["*"])
    declared: dict[str, Any] = {"policies": [asking], "enforcement": "cel"}
    in_force(world, planned(TO_ALL, **declared))
    annotated = owner("cart")
    annotated["spec"]["template"]["metadata"]["annotations"] = {POD_KEY: "runtime/default"}
    world.lists[DEPLOYMENTS] = [annotated]
    preflight(world.cluster(), planned(TO_ALL, policies=[asking]))
    world.version = {"major": "1", "minor": "36", "gitVersion": "v1.36.3"}
    assert "shop/Deployment/cart" in refusal(world, planned(TO_ALL, **declared))


def test_the_last_server_with_psp_passes(world: World) -> None:
    """1.24 has the plugin."""
    require_psp(world.cluster())


def test_names_every_right_that_is_missing(world: World) -> None:
    """Verb and resource of each are listed, with a command that checks the first."""
    world.denied = {("list", "cronjobs"), ("impersonate", "groups"), ("create", "subjectaccessreviews")}
    assert refusal(world, planned()) == (
        f"the kubeconfig's user may not do all that is needed at {world.address}; missing:\n"
        "  list cronjobs.batch\n"
        "  create subjectaccessreviews.authorization.k8s.io\n"
        "  impersonate groups\n"
        "  check with: kubectl auth can-i list cronjobs.batch"
    )


@pytest.mark.parametrize("right", READ_RIGHTS, ids=str)
def test_needs_each_of_its_rights(world: World, right: Any) -> None:
    """Without any single one, preflight says so instead of failing half way."""
    world.denied = {(right.verb, right.resource)}
    with pytest.raises(PreflightRefused, match="missing:") as refused:
        require_rights(world.cluster(), READ_RIGHTS)
    assert f"\n  {right}\n" in str(refused.value)


def test_a_server_that_is_away_is_no_refusal() -> None:
    """What cannot be asked is not judged."""
    world = World(address="http://127.0.0.1:1")
    with pytest.raises(Unreachable, match="no Kubernetes API server answers"):
        preflight(world.cluster(), planned(TO_ALL))


def test_faults_of_the_baseline_come_before_the_workloads(world: World) -> None:
    """Where the baseline is not in force, nobody is told to add grants."""
    world.lists[DEPLOYMENTS] = [owner("cart")]
    assert "workloads" not in refusal(world, planned(TO_ALL))
    assert world.asked(DEPLOYMENTS) == []


def test_answers_are_remembered_across_workloads(world: World) -> None:
    """A hundred workloads of one account cost the reviews of one."""
    plan = planned(TO_NODES)
    in_force(world, plan)
    world.lists[DEPLOYMENTS] = [owner(f"cart-{number}") for number in range(100)]
    with pytest.raises(PreflightRefused):
        preflight(Cluster(world.cluster().api), plan)
    # Two identities, two policies, two API groups: at most once for each of those who ask at the same time.
    assert len(world.asked("/apis/authorization.k8s.io/v1/subjectaccessreviews")) <= 1 + 2 * 2 * 2 * WORKERS

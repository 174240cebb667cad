"""Proof by dry runs: what counts as a surprise, and what was refused already."""

from __future__ import annotations

import pytest

from pulumi_pod_security.cluster.api import ClusterError, Unreachable
from pulumi_pod_security.cluster.canaries import CREATOR
from pulumi_pod_security.cluster.verification import Surprise, Verification, Verified, plugin_is_on, refused_workloads
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.grants import Grant, service_accounts
from tests.unit.support.objects import mirror_pod, owner, pod_spec
from tests.unit.support.plans import TO_ALL
from tests.unit.support.world import World

DEPLOYMENTS = "/apis/apps/v1/deployments"
CONTROLLER = CREATOR.user
FORBIDDEN = (
    'pods "{}" is forbidden: PodSecurityPolicy: unable to admit pod: [spec.containers[0].securityContext.privileged]'
)
QUOTA = "exceeded quota: compute"


@pytest.fixture
def world(world: World) -> World:
    """A cluster where everyone may use `default`, and nothing runs."""
    world.put(presets.privileged(), presets.default())
    world.uses = {("system:authenticated", "default", None)}
    return world


def begun(world: World, *grants: Grant, refused: tuple[str, ...] = ()) -> Verification:
    """A verification that has asked about everything with the plugin as it is."""
    policies = [presets.privileged(), presets.default()]
    return Verification.begin(world.cluster(), policies, grants or (TO_ALL,), refused)


def verified(world: World, *grants: Grant, refused: tuple[str, ...] = ()) -> Verified:
    """What is found after the switch."""
    verification = begun(world, *grants, refused=refused)
    world.enforcing = True
    return verification.run()


def privileged(name: str, *, replicas: int | None = None) -> dict[str, object]:
    """A Deployment that `default` does not admit."""
    container = {"name": "app", "image": "app", "securityContext": {"privileged": True}}
    return owner(name, replicas=replicas, spec=pod_spec(containers=[container]))


def test_what_the_baseline_promises_is_no_surprise(world: World) -> None:
    """Workloads and canaries are counted, each namespace once and `default` always."""
    world.lists[DEPLOYMENTS] = [owner("a"), owner("b"), owner("c", "ops")]
    assert verified(world) == Verified(workloads=3, canaries=6, surprises=())


def test_a_workload_that_no_usable_policy_admits(world: World) -> None:
    """It is named with namespace, kind, name, replicas and account, and the server's own words."""
    world.lists[DEPLOYMENTS] = [privileged("cart", replicas=0)]
    (surprise,) = verified(world).surprises
    assert str(surprise) == (
        f"shop/Deployment/cart (0 replicas, service account shop:default)\n    {FORBIDDEN.format('cart-')}"
    )


def test_a_mirror_pod_that_no_policy_admits(world: World) -> None:
    """It has no account, and the message says so."""
    world.uses = {("system:serviceaccounts", "default", None)}
    world.lists["/api/v1/pods"] = [mirror_pod("kube-apiserver")]
    found = verified(world, Grant(policy="default", subjects=[service_accounts()]))
    assert [surprise.subject for surprise in found.surprises] == [
        "kube-system/Pod/kube-apiserver-cp (no service account)"
    ]


def test_what_was_refused_otherwise_before_is_no_surprise(world: World) -> None:
    """A quota that was full before the switch is not the switch's doing."""
    world.lists[DEPLOYMENTS] = [owner("cart")]
    world.refusals = {"cart-": QUOTA}
    assert verified(world).surprises == ()


def test_what_is_refused_otherwise_after_is_a_surprise(world: World) -> None:
    """Whoever refuses it now, it was admitted before."""
    world.lists[DEPLOYMENTS] = [owner("cart")]
    verification = begun(world)
    world.enforcing = True
    world.refusals = {"cart-": QUOTA}
    (surprise,) = verification.run().surprises
    assert surprise == Surprise(
        subject="shop/Deployment/cart (service account shop:default)",
        words=f'pods "cart-" is forbidden: {QUOTA}',
    )


def test_a_namespace_that_goes_meanwhile_is_no_surprise(world: World) -> None:
    """What was listed in it is created no more."""
    world.lists[DEPLOYMENTS] = [owner("cart")]
    verification = begun(world)
    world.enforcing = True
    world.absent = {"/api/v1/namespaces/shop/pods"}
    assert verification.run().surprises == ()


def test_what_the_plugin_refused_before_does_not_count_by_itself(world: World) -> None:
    """A run that was killed after the switch begins with the plugin on: what it refuses is still a surprise."""
    world.lists[DEPLOYMENTS] = [privileged("cart")]
    world.enforcing = True
    assert len(verified(world).surprises) == 1


def test_what_the_plugin_refused_before_the_change_counts(world: World) -> None:
    """Where enforcement was verified already, only what a change refuses beyond that is a surprise."""
    world.lists[DEPLOYMENTS] = [privileged("cart"), privileged("other")]
    world.enforcing = True
    found = verified(world, refused=("shop/Deployment/cart",))
    assert [surprise.subject for surprise in found.surprises] == [
        "shop/Deployment/other (service account shop:default)"
    ]


def test_a_workload_that_came_meanwhile_is_asked_about(world: World) -> None:
    """The inventory after the switch is read anew."""
    verification = begun(world)
    world.lists[DEPLOYMENTS] = [privileged("late")]
    world.enforcing = True
    assert [surprise.subject.split()[0] for surprise in verification.run().surprises] == ["shop/Deployment/late"]


def test_everything_is_asked_as_its_creator(world: World) -> None:
    """The identity of the request is the one that would create the pod."""
    world.lists["/apis/apps/v1/daemonsets"] = [owner("agent")]
    verified(world)
    posted = [call for call in world.calls if call.path == "/api/v1/namespaces/shop/pods"]
    users = {call.header("Impersonate-User")[0].rpartition(":")[2] for call in posted}
    assert users == {"daemon-set-controller", "replicaset-controller"}
    assert {call.query["dryRun"] for call in posted} == {"All"}


def test_a_canary_that_is_refused(world: World) -> None:
    """The grant promised it, so its refusal names what is granted and what the server said."""
    world.uses = set()
    (surprise,) = verified(world).surprises
    assert str(surprise) == (
        "minimal canary in namespace default (service account default:default)\n"
        "    was refused, though the baseline grants default: " + FORBIDDEN.format("pod-security-canary-")
    )


def test_a_canary_that_is_admitted(world: World) -> None:
    """Some other binding lets privileged pods in; the policy is named, and how to find who may use it."""
    world.uses |= {("system:serviceaccounts", "privileged", None)}
    (surprise,) = verified(world).surprises
    assert str(surprise) == (
        "privileged canary in namespace default (service account default:default)\n"
        "    was admitted by policy privileged, though the baseline grants only default there; who may use it: "
        "kubectl get clusterrolebindings,rolebindings -A -o wide"
    )


def test_canaries_show_that_the_plugin_is_off(world: World) -> None:
    """Admitted without a mark means that nobody judged, whether the canary should be admitted or not."""
    words = [str(surprise).partition("\n    ")[2] for surprise in begun(world).run().surprises]
    assert words[0] == "was admitted without the plugin judging it"
    assert words[1].startswith("was admitted without the plugin judging it, though the baseline grants only default")


def test_a_canary_that_a_quota_refuses_proves_nothing(world: World) -> None:
    """A refusal that is not the plugin's is neither for nor against it."""
    world.refusals = {"pod-security-canary-": QUOTA}
    assert verified(world).surprises == ()


@pytest.mark.parametrize("enforcing", [False, True], ids=["off", "on"])
@pytest.mark.parametrize("granted", [False, True], ids=["refuses", "admits"])
def test_sees_whether_the_plugin_is_on(world: World, enforcing: bool, granted: bool) -> None:  # noqa: FBT001
    """Marked or refused by its own words, a probe shows the plugin."""
    world.uses = {("system:authenticated", "default", None)} if granted else set()
    world.enforcing = enforcing
    assert plugin_is_on(world.cluster()) is enforcing


def test_a_quota_in_one_namespace_does_not_hide_the_plugin(world: World) -> None:
    """Another namespace is tried when something else refuses the probe first."""
    world.enforcing = True
    world.quota = {"kube-system", "default"}
    assert plugin_is_on(world.cluster())
    world.quota |= {"kube-public"}
    with pytest.raises(ClusterError, match=r"cannot be told: .*exceeded quota"):
        plugin_is_on(world.cluster())


def test_a_server_that_is_away_is_neither_on_nor_off() -> None:
    """Who cannot be asked does not answer."""
    with pytest.raises(Unreachable):
        plugin_is_on(World(address="http://127.0.0.1:1").cluster())


def test_lists_what_the_plugin_refuses_now(world: World) -> None:
    """Only the plugin's refusals count, and only while it is on."""
    world.lists[DEPLOYMENTS] = [privileged("cart"), owner("full"), owner("fine")]
    world.refusals = {"full-": QUOTA}
    assert refused_workloads(world.cluster()) == []
    world.enforcing = True
    assert refused_workloads(world.cluster()) == ["shop/Deployment/cart"]


def test_a_namespace_that_is_being_deleted_is_no_surprise(world: World) -> None:
    """Nothing is created in it any more, whatever a policy says."""
    world.lists[DEPLOYMENTS] = [owner("cart")]
    begin = begun(world)
    words = "unable to create new content in namespace shop because it is being terminated"
    world.enforcing, world.refusals = True, {"cart-": words}
    assert begin.run().surprises == ()
    world.refusals = {"cart-": f"{words}, says a webhook"}
    assert [surprise.subject.partition(" ")[0] for surprise in begin.run().surprises] == ["shop/Deployment/cart"]

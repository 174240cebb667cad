"""The providers of what is saved and of its removal: turned on and proven in one create, undone in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pulumi.output import Unknown

from pulumi_pod_security.platforms.saved import SavedObjects, kept
from pulumi_pod_security.platforms.switch import EnforcementUndone
from pulumi_pod_security.policy import presets
from pulumi_pod_security.policy.model import PodSecurityPolicy
from pulumi_pod_security.resources.defaults import RemovedProvider, SavedProvider
from tests.unit.support.inputs import failure, inputs_of, received
from tests.unit.support.objects import owner, pod_spec
from tests.unit.support.plans import TO_ALL
from tests.unit.support.provider import BINDING, ROLE, TRIO, ProviderWorld, provided, trio
from tests.unit.support.standin import Call, Reply

SAVED, REMOVED = SavedProvider(), RemovedProvider()
DEPLOYMENTS = "/apis/apps/v1/deployments"
PRIVILEGED = pod_spec(containers=[{"name": "app", "image": "app", "securityContext": {"privileged": True}}])
UNDONE = "the switch was undone: the provider's defaults are back; mend the above, then run: pulumi up"


@pytest.fixture
def cloud() -> Iterator[ProviderWorld]:
    """A cluster with the defaults, `default` for everyone, and one Deployment that this admits."""
    with provided(ProviderWorld(enforcing=True)) as world:
        world.make(*trio())
        world.put(presets.default())
        world.uses = {("system:authenticated", "default", None)}
        world.lists[DEPLOYMENTS] = [owner("cart")]
        yield world


def inputs(world: ProviderWorld, **more: Any) -> dict[str, Any]:
    """The inputs of `DefaultsSaved`."""
    place = {"platform": "Amazon EKS", "defaults": list(TRIO), "timeout_seconds": 5}
    return inputs_of(world, [presets.default()], [TO_ALL], **{**place, **more})


def saved(world: ProviderWorld) -> dict[str, Any]:
    """The outputs of a first `DefaultsSaved`."""
    return SAVED.create(inputs(world)).outs or {}


def found(outs: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The inputs of `DefaultsRemoved` that follow from those outputs."""
    return received({**outs, "refused": [], **more})


def contents(world: ProviderWorld) -> dict[str, Any]:
    """Every object without what the server writes."""
    return {name: kept(one) for name, one in world.stored().items()}


class TestSaved:
    """What was there, saved once and renewed by what is there later."""

    def test_creating_saves(self, cloud: ProviderWorld) -> None:
        """All three, and what the plugin refuses before any of them goes."""
        cloud.unmake(BINDING)
        cloud.lists[DEPLOYMENTS].append(owner("agent", spec=PRIVILEGED))
        outs = saved(cloud)
        assert SavedObjects.from_text(outs["saved"]).objects == dict(zip(TRIO, [None, *trio()[1:]], strict=True))
        assert outs["refused_before"] == ["shop/Deployment/agent"]

    def test_nothing_new_is_no_change(self, cloud: ProviderWorld) -> None:
        """Neither while they are there, nor after they were removed."""
        outs = saved(cloud)
        assert not SAVED.diff("saved", outs, inputs(cloud)).changes
        cloud.unmake(*TRIO)
        assert not SAVED.diff("saved", outs, inputs(cloud)).changes

    def test_a_newer_one_is_saved_anew(self, cloud: ProviderWorld) -> None:
        """The provider brought another role, after the removal of all three."""
        outs = saved(cloud)
        cloud.unmake(*TRIO)
        cloud.make(trio(labels={"version": "2"})[1])
        assert SAVED.diff("saved", outs, inputs(cloud)).changes
        again = SAVED.update("saved", outs, inputs(cloud)).outs or {}
        assert again["saved"] != outs["saved"]
        objects = SavedObjects.from_text(again["saved"]).objects
        assert objects[BINDING] == trio()[0]
        assert (objects[ROLE] or {})["metadata"]["labels"] == {"version": "2"}

    @pytest.mark.parametrize("change", [{"kubeconfig": "/b"}, {"context": "b"}, {"timeout_seconds": 9.0}])
    def test_what_delete_needs_is_recorded(self, cloud: ProviderWorld, change: dict[str, Any]) -> None:
        """It gets nothing but what the last update recorded."""
        assert SAVED.diff("saved", saved(cloud), {**inputs(cloud), **change}).changes

    def test_moving_keeps_what_is_gone(self, cloud: ProviderWorld) -> None:
        """Another kubeconfig, with everything removed: what must be put back stays known."""
        outs = saved(cloud)
        cloud.unmake(*TRIO)
        again = SAVED.update("saved", outs, inputs(cloud)).outs or {}
        assert (again["saved"], again["refused_before"]) == (outs["saved"], outs["refused_before"])

    def test_deleting_puts_back(self, cloud: ProviderWorld) -> None:
        """With no removal in the state, what a killed one left out is there before grants and policies go."""
        before, outs = contents(cloud), saved(cloud)
        cloud.unmake(BINDING, ROLE)
        SAVED.delete("saved", outs)
        assert contents(cloud) == before

    def test_a_preview_refuses_what_could_not_be_put_back(self, cloud: ProviderWorld) -> None:
        """Before anything is created."""
        assert failure(SAVED.check({}, inputs(cloud))) is None
        cloud.fault = _refuses_roles
        assert "ClusterRole/eks:podsecuritypolicy:privileged: no" in (failure(SAVED.check({}, inputs(cloud))) or "")
        assert cloud.mutations() == []

    def test_a_preview_refuses_a_cluster_whose_plugin_is_off(self, cloud: ProviderWorld) -> None:
        """It is none of this platform's."""
        cloud.enforcing = False
        assert "on Amazon EKS it is always on" in (failure(SAVED.check({}, inputs(cloud))) or "")

    def test_a_cluster_that_does_not_exist_yet_is_not_asked(self, cloud: ProviderWorld) -> None:
        """Its kubeconfig is not known in the preview."""
        assert failure(SAVED.check({}, {**inputs(cloud), "kubeconfig": Unknown()})) is None
        assert cloud.calls == []


class TestRemoved:
    """The switch."""

    def test_creating_removes_and_verifies(self, cloud: ProviderWorld) -> None:
        """The outputs say what was proven, beside the inputs that a later delete needs."""
        props = found(saved(cloud))
        outs = REMOVED.create(props).outs
        assert outs == {**props, "enforced": True, "command": "", "workloads": 1, "canaries": 4, "leaving": []}
        assert set(cloud.stored()) == {"PodSecurityPolicy/default"}

    def test_deleting_restores(self, cloud: ProviderWorld) -> None:
        """From the outputs alone, and to the byte."""
        before = contents(cloud)
        outs = REMOVED.create(found(saved(cloud))).outs or {}
        REMOVED.delete("enforcement", outs)
        assert contents(cloud) == before

    def test_a_surprise_undoes_it_within_the_create(self, cloud: ProviderWorld) -> None:
        """A create that raises leaves nothing in state, so all must be back."""
        before, props = contents(cloud), found(saved(cloud))
        cloud.lists[DEPLOYMENTS].append(owner("agent", spec=PRIVILEGED))
        with pytest.raises(EnforcementUndone, match="shop/Deployment/agent") as undone:
            REMOVED.create(props)
        assert str(undone.value).endswith(UNDONE)
        assert contents(cloud) == before

    def test_what_was_refused_before_is_no_surprise(self, cloud: ProviderWorld) -> None:
        """Where a default was gone already the plugin had refused something before us."""
        cloud.unmake(BINDING)
        cloud.lists[DEPLOYMENTS].append(owner("agent", spec=PRIVILEGED))
        assert (REMOVED.create(found(saved(cloud))).outs or {})["enforced"] is True

    def test_a_killed_removal_excuses_only_what_was_refused_before_it(self, cloud: ProviderWorld) -> None:
        """Asked now, everything that the removal itself refuses would be excused."""
        props = found(saved(cloud))
        cloud.lists[DEPLOYMENTS].append(owner("agent", spec=PRIVILEGED))
        cloud.unmake(BINDING)
        with pytest.raises(EnforcementUndone, match="shop/Deployment/agent"):
            REMOVED.create(props)

    def test_drift_is_seen(self, cloud: ProviderWorld) -> None:
        """A default that the provider made again is removed by the next update."""
        outs = REMOVED.create(found(saved(cloud))).outs or {}
        assert not REMOVED.diff("enforcement", outs, outs).changes
        cloud.make(trio()[2])
        assert REMOVED.diff("enforcement", outs, outs).changes
        assert (REMOVED.update("enforcement", outs, outs).outs or {})["enforced"] is True
        assert set(cloud.stored()) == {"PodSecurityPolicy/default"}

    def test_what_is_saved_anew_is_recorded(self, cloud: ProviderWorld) -> None:
        """`delete` gets no other text than the one recorded last; in a preview it is not known yet."""
        outs = REMOVED.create(found(saved(cloud))).outs or {}
        assert REMOVED.diff("enforcement", outs, {**outs, "saved": "{}"}).changes
        assert REMOVED.diff("enforcement", outs, {**outs, "saved": Unknown()}).changes

    def test_defaults_gone_before_us_stay_gone(self, cloud: ProviderWorld) -> None:
        """Verified all the same; a failed verification says that nothing was put back."""
        cloud.unmake(*TRIO)
        props = found(saved(cloud))
        outs = REMOVED.create(props).outs or {}
        REMOVED.delete("enforcement", outs)
        cloud.uses |= {("system:authenticated", "open", None)}
        cloud.put(_renamed("open"))
        with pytest.raises(EnforcementUndone, match="gone before this stack and stay gone"):
            REMOVED.create(props)
        assert cloud.mutations() == []

    def test_what_changed_is_left_alone(self, cloud: ProviderWorld) -> None:
        """Saved too long ago: nothing is deleted, and the next update saves it first."""
        props = found(saved(cloud))
        cloud.unmake(ROLE)
        cloud.make(trio(labels={"version": "2"})[1])
        with pytest.raises(EnforcementUndone, match=f"^{ROLE} changed since it was saved"):
            REMOVED.create(props)
        assert "DELETE" not in str(cloud.mutations())


Break = Callable[[ProviderWorld, int], None]


def _fails(world: ProviderWorld, step: int) -> None:
    """The call of this number is answered with an error and not carried out."""
    numbers = iter(range(1, 1000))
    world.fault = lambda call: Reply(code=500, body={"message": "no"}) if _at(call, numbers, step) else None


def _loses(world: ProviderWorld, step: int) -> None:
    """It is carried out, and the answer is lost."""
    numbers = iter(range(1, 1000))
    world.lost = lambda call: _at(call, numbers, step)


def _at(call: Call, numbers: Iterator[int], step: int) -> bool:
    mutation = call.method == "DELETE" or (call.method == "POST" and "reviews" not in call.path)
    return mutation and "dryRun" not in call.query and next(numbers) == step


@pytest.mark.parametrize("way", [_fails, _loses], ids=["fails", "lost"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_fault_at_every_change_of_an_update(cloud: ProviderWorld, way: Break, step: int) -> None:
    """It is undone, and done by the next; what was there can be put back after all."""
    before, outs = contents(cloud), saved(cloud)
    way(cloud, step)
    with pytest.raises(EnforcementUndone) as undone:
        REMOVED.create(found(outs))
    assert str(undone.value).endswith(UNDONE)
    assert contents(cloud) == before
    done = REMOVED.create(found(outs)).outs or {}
    assert done["enforced"] is True
    REMOVED.delete("enforcement", done)
    assert contents(cloud) == before


@pytest.mark.parametrize("way", [_fails, _loses], ids=["fails", "lost"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_fault_at_every_change_of_a_destroy(cloud: ProviderWorld, way: Break, step: int) -> None:
    """The destroy stops, with the baseline still there, and the next one finishes."""
    before = contents(cloud)
    done = REMOVED.create(found(saved(cloud))).outs or {}
    way(cloud, step)
    with pytest.raises(Exception, match=r"DELETE|POST"):
        REMOVED.delete("enforcement", done)
    REMOVED.delete("enforcement", done)
    assert contents(cloud) == before


def test_a_way_back_that_fails_says_so(cloud: ProviderWorld) -> None:
    """What was saved is in the state, and the next run tries again."""
    outs = saved(cloud)
    cloud.lists[DEPLOYMENTS].append(owner("agent", spec=PRIVILEGED))
    cloud.fault = _no_return
    with pytest.raises(EnforcementUndone, match=r"defaults FAILED: POST .*: not now; run"):
        REMOVED.create(found(outs))
    cloud.fault = lambda _call: None
    SAVED.delete("saved", outs)
    assert set(cloud.stored()) == {*TRIO, "PodSecurityPolicy/default"}


def _no_return(call: Call) -> Reply | None:
    lasting = call.method == "POST" and "podsecuritypolicies" in call.path and "dryRun" not in call.query
    return Reply(code=500, body={"message": "not now"}) if lasting else None


def _refuses_roles(call: Call) -> Reply | None:
    refused = call.method == "POST" and call.path.endswith("/clusterroles")
    return Reply(code=403, body={"message": "no"}) if refused else None


def _renamed(name: str) -> PodSecurityPolicy:
    return dataclasses.replace(presets.privileged(), name=name)

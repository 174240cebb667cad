"""A fault at every step that changes something: refused, said to have failed, or the last one of a killed run.

Steps are requests to the API server, files that are written, and runs of kubeadm. After each of them everyone who was
granted a policy can create pods, and the same run once more ends right. The numbers of steps tried are shown at the end
of the run; `POD_SECURITY_FAULTS=all` tries every fault at every step of a node.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from pulumi_pod_security.errors import PodSecurityError
from pulumi_pod_security.platforms.switch import SwitchError
from pulumi_pod_security.resources.kubeadm_switch import FoundProvider, SwitchProvider
from tests.integration.support.breaking import DRAFT, KUBEADM, How, Killed, breaking
from tests.integration.support.out_of_reach import OutOfReach
from tests.integration.support.sight import PLUGIN, Sight
from tests.integration.support.subjects import can_create_pods, grant_baseline, settled
from tests.standins.faults import THOROUGH
from tools.toolchain import binary

pytestmark = pytest.mark.integration

FOUND, SWITCH = FoundProvider(), SwitchProvider()
UP = (DRAFT, KUBEADM, DRAFT, KUBEADM, "write kubeadm.yaml", "write kube-apiserver.yaml")
DESTROY = (DRAFT, KUBEADM, "write kubeadm.yaml", "write kube-apiserver.yaml")
Props = dict[str, Any]
tried: Counter[str] = Counter()

STEPS = range(1, len(UP) + 1)
# Each takes two starts of the API server, so that a normal run tries everything at the last step, and each other once.
FAULTS = [(step, how) for step in STEPS for how in How if THOROUGH or step == len(UP) or how is list(How)[step % 4]]


@pytest.fixture(scope="class", autouse=True)
def count(request: pytest.FixtureRequest, sight: Sight, figure: Callable[[str], None]) -> Iterator[None]:
    """Say how many steps were tried, and that nothing that ran was ever refused."""
    yield
    named = ", ".join(f"{name} {times}" for name, times in sorted(tried.items()))
    figure(f"kubeadm, {request.cls.__doc__} {sum(tried.values())} steps ({named})")
    tried.clear()
    assert [event for space in ("kube-system", "shop") for event in sight.refused_pods(space)] == []


@pytest.fixture(scope="class")
def inputs(sight: Sight, tmp_path_factory: pytest.TempPathFactory) -> Props:
    """The inputs of both resources without a place, on a cluster that has the baseline."""
    return {**grant_baseline(sight, tmp_path_factory.mktemp("baseline")), "timeout_seconds": 120.0}


@pytest.fixture(scope="class")
def on_node(inputs: Props, sight: Sight) -> Props:
    """The inputs of both resources, with the node."""
    cluster = sight.cluster
    kubeadm = str(binary("kubeadm", version=cluster.record.version))
    return {**inputs, "config": str(cluster.config_file), "manifests": str(cluster.manifests), "kubeadm": kubeadm}


@pytest.fixture(scope="class", params=["the live ConfigMap", "a file"])
def elsewhere(request: pytest.FixtureRequest, inputs: Props, sight: Sight) -> OutOfReach:
    """The node out of reach, shown by its kubelet, and its configuration in either place."""
    made = OutOfReach(inputs=inputs, is_file=request.param == "a file", sight=sight)
    made.node.show()
    return made


@pytest.fixture(scope="class")
def enforced(elsewhere: OutOfReach) -> Props:
    """What is recorded once the node has followed and is verified."""
    saved = FOUND.create(elsewhere.props).outs or {}
    outs = SWITCH.create(switched(saved)).outs or {}
    elsewhere.follow()
    outs = SWITCH.update("enforcement", outs, switched(saved)).outs or {}
    assert outs["enforced"] is True
    return outs


def switched(saved: Props) -> Props:
    """The inputs of the switch, by what was found."""
    return {**saved, "found_config": saved["config_text"], "found_manifest": saved["manifest_text"]}


def done_by(act: Callable[[], Any], steps: tuple[str, ...] | None = None) -> Any:
    """What comes of an act without faults, the changes of which must be all there are, where they are given."""
    with breaking() as met:
        result = act()
    assert steps is None or tuple(met.made) == steps
    return result


def broken(step: int, how: How, act: Callable[[], Any]) -> None:
    """Act with that fault, which must be met; the act fails, or does without what went wrong."""
    expected = pytest.raises(Killed) if how.kills else suppress(PodSecurityError)
    with breaking(step, how) as met, expected:
        act()
    assert len(met.made) >= step


class TestNode:
    """the node:"""

    @pytest.mark.parametrize(("step", "how"), FAULTS)
    def test_up_and_destroy(
        self, on_node: Props, sight: Sight, files_before: tuple[bytes, bytes], step: int, how: How
    ) -> None:
        """Whatever happens, the next update enforces and the next destroy puts both files back to the byte."""
        saved = FOUND.create(dict(on_node)).outs or {}
        broken(step, how, lambda: SWITCH.create(switched(saved)))
        assert how.kills or sight.files() == files_before
        settled(sight)
        can_create_pods(sight)

        assert not FOUND.diff("found", saved, dict(on_node)).changes
        all_of = UP if sight.files() == files_before else None
        done = done_by(lambda: SWITCH.create(switched(saved)).outs or {}, all_of)
        assert done["enforced"] is True
        can_create_pods(sight)
        tried[f"up, {how}"] += 1

        files = sight.files()
        # The last step with the last of the update.
        broken((step - 3) % len(DESTROY) + 1, how, lambda: SWITCH.delete("enforcement", done))
        settled(sight)
        can_create_pods(sight)

        done_by(lambda: SWITCH.delete("enforcement", done), DESTROY if sight.files() == files else None)
        FOUND.delete("found", saved)
        assert sight.files() == files_before
        assert not sight.plugin_on()
        can_create_pods(sight)
        tried[f"destroy, {how}"] += 1

    @pytest.mark.parametrize("step", STEPS if THOROUGH else STEPS[-2:])
    def test_up_killed_then_destroyed(
        self, on_node: Props, sight: Sight, files_before: tuple[bytes, bytes], step: int
    ) -> None:
        """Destroyed without another update, with nothing of the switch in the state."""
        saved = FOUND.create(dict(on_node)).outs or {}
        broken(step, How.KILLED_AFTER, lambda: SWITCH.create(switched(saved)))
        FOUND.delete("found", saved)
        assert sight.files() == files_before
        settled(sight)
        can_create_pods(sight)
        tried["up killed, then destroy"] += 1


@pytest.mark.story
class TestOutOfReach:
    """nodes out of reach:"""

    @pytest.mark.parametrize("how", How)
    def test_up(self, elsewhere: OutOfReach, how: How) -> None:
        """Whatever happens, the next update changes the configuration, and destroy puts it back to the byte."""
        before, saved = elsewhere.configuration(), FOUND.create(elsewhere.props).outs or {}
        broken(1, how, lambda: SWITCH.create(switched(saved)))
        assert (elsewhere.configuration() != before) == how.is_made
        can_create_pods(elsewhere.sight)

        assert not FOUND.diff("found", saved, elsewhere.props).changes
        done = done_by(lambda: SWITCH.create(switched(saved)).outs or {}, () if how.is_made else elsewhere.changes)
        assert (done["enforced"], PLUGIN in elsewhere.configuration()) == (False, True)
        done_by(lambda: SWITCH.delete("enforcement", done), elsewhere.changes)
        FOUND.delete("found", saved)
        assert elsewhere.configuration() == before
        can_create_pods(elsewhere.sight)
        tried[f"up, {how}"] += 1

    def test_up_killed_then_destroyed(self, elsewhere: OutOfReach) -> None:
        """Destroyed without another update, with nothing of the switch in the state."""
        before, saved = elsewhere.configuration(), FOUND.create(elsewhere.props).outs or {}
        broken(1, How.KILLED_AFTER, lambda: SWITCH.create(switched(saved)))
        FOUND.delete("found", saved)
        assert elsewhere.configuration() == before
        can_create_pods(elsewhere.sight)
        tried["up killed, then destroy"] += 1

    @pytest.mark.parametrize("how", How)
    def test_destroy(self, elsewhere: OutOfReach, enforced: Props, how: How) -> None:
        """Whatever happens, policies and grants stay while the node runs the plugin, and the next update goes on."""
        broken(1, how, lambda: SWITCH.delete("enforcement", enforced))
        assert (PLUGIN in elsewhere.configuration()) != how.is_made
        can_create_pods(elsewhere.sight)

        with pytest.raises(SwitchError, match="1 of 1 API servers still run the plugin: control-plane"):
            done_by(lambda: SWITCH.delete("enforcement", enforced))
        assert elsewhere.configuration() == enforced["found_config"]
        can_create_pods(elsewhere.sight)

        outs = done_by(lambda: SWITCH.update("enforcement", enforced, enforced).outs or {}, elsewhere.changes)
        assert outs["enforced"] is True
        tried[f"destroy, {how}"] += 1

    def test_destroy_half_followed(self, elsewhere: OutOfReach, enforced: Props) -> None:
        """The flag taken out of the manifest by hand is not enough while kubeadm would put it there again."""
        with pytest.raises(SwitchError):
            SWITCH.delete("enforcement", enforced)
        elsewhere.take_flag_out()
        if elsewhere.is_file:
            with pytest.raises(SwitchError, match=r"0 of 1 .* ConfigMap kube-system/kubeadm-config still names it"):
                SWITCH.delete("enforcement", enforced)
            assert PLUGIN in elsewhere.live()
            elsewhere.upload()
        SWITCH.delete("enforcement", enforced)
        assert PLUGIN not in elsewhere.live()
        assert elsewhere.configuration() == enforced["found_config"]
        can_create_pods(elsewhere.sight)
        tried["destroy, half followed"] += 1
